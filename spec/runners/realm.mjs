// What a user's test of a shared map does, in whatever realm a test runner has made for it. `outer` is Node itself, with objects
// of the runner's own realm.

import assert from 'node:assert'

export function useSharedMap({ ABSENT, EncodingError, SharedMap }, { deserialize, serialize, MessageChannel, receiveMessageOnPort, runInNewContext }, realm) {
  const map = SharedMap.create({ maxByteLength: 1 << 20 }), plain = value => JSON.parse(JSON.stringify(value))
  const values = [
    { a: [1, { b: null }] }, [1, 'two', [3]], deserialize(serialize({ cloned: [1] })), runInNewContext('({ made: [1, { elsewhere: true }] })'),
    new realm.Uint8Array([1, 2, 3]), Buffer.from('bytes'), runInNewContext('new Uint8Array([4, 5])'),
    'a long string of ASCII '.repeat(20), 'ÿ'.repeat(100), 'a€'.repeat(100), 2n ** 100n, 0.5, undefined,
  ]
  values.forEach((value, n) => map.set(n, value))
  values.forEach((value, n) => {
    const isView = ArrayBuffer.isView(value), back = map.get(n)
    if (isView) assert.deepEqual([...back], [...value])
    else if (typeof value === 'object') assert.deepEqual(plain(back), plain(value))
    else assert.equal(back, value)
  })
  assert.equal(map.set(new realm.Uint8Array([7]), 'own').get(runInNewContext('new Uint8Array([7])')), 'own')
  assert.deepEqual([...map.getMany(realm.Int32Array.of(11, 100))], [0.5, undefined])
  assert.deepEqual([...map.getMany(runInNewContext('Int32Array.of(11, 100)'))], [0.5, undefined])

  // The handle as a worker would get it: its memory is an object of the runner's realm.
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(map.handle)
  const other = SharedMap.attach(receiveMessageOnPort(port2).message)
  port1.close()
  assert.equal(other.get(11), 0.5)
  for (let n = 0; n < 2000; n++) other.add(`key ${n % 500}`, 1)
  assert.equal(map.get('key 7'), 4)
  assert.ok(map.stats().resizes.last.length > 0)
  assert.equal(map.compareAndSet('new', ABSENT, 1), true)

  const error = (() => { try { map.set(1, new Date()) } catch (thrown) { return thrown } })()
  assert.ok(error instanceof EncodingError && error instanceof realm.Error)
  assert.throws(() => map.set(1, runInNewContext('new Date()')), /class Date/)
  other.detach()
  map.detach()
}
