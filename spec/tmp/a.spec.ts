import { it } from 'vitest'
import { RawMap } from '../support/kernels'
import { Status } from '../../lib/kernel/read'
import { pageStates, quiesce } from '../support/tables'
const key = (n: number): string => `key ${n}`.padEnd(200)
const show = (map: RawMap, what: string): void => console.log(what, 'size', map.size, 'capacity', map.capacity, 'generation', map.generation, 'zone', map.kernel.zoneSize(0), 'free', map.kernel.freePages(0), 'together', map.kernel.mostTogether(0), 'units', map.kernel.freeUnits(0),
  pageStates(map).map(s => s[0]! + (s==='Tail' ? 'l':'')).join(' '))
it('shows', () => {
  const map = new RawMap('javascript', { bytes: 1 << 16, places: 1 })
  let count = 0
  while (map.put(key(count), count) === Status.Written) count++
  show(map, 'full ' + count)
  map.clear()
  show(map, 'cleared')
  let n = 0
  while (map.put(key(n), n) === Status.Written) n++
  show(map, 'again ' + n)
  quiesce(map)
  show(map, 'rest')
})
