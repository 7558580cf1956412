import { afterEach, describe, expect, it, vi } from 'vitest'
import type * as library from '../../lib/index'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

/** A fresh copy of the library, as a worker loads it that finds such a WebAssembly. */
async function load(webAssembly?: object): Promise<typeof library> {
  if (webAssembly !== undefined) vi.stubGlobal('WebAssembly', { ...own(WebAssembly), ...webAssembly })
  vi.resetModules()
  return import('../../lib/index')
}

const own = (from: object): object => Object.fromEntries(Object.getOwnPropertyNames(from).map(name => [name, from[name as never]]))
const FORBIDDEN = { Module: class { constructor() { throw new WebAssembly.CompileError('blocked by the content-security policy') } } }
const OPTIONS = { maxByteLength: 1 << 20 }

describe('the backend', () => {
  it('is WebAssembly where it may be, JavaScript where that was asked for', async () => {
    const { SharedMap } = await load()
    expect(SharedMap.create(OPTIONS).backend).toBe('wasm')
    expect(SharedMap.create({ ...OPTIONS, backend: 'wasm' }).backend).toBe('wasm')
    expect(SharedMap.create({ ...OPTIONS, backend: 'javascript' }).backend).toBe('javascript')
  })

  it('may be another one for each attachment to the same map', async () => {
    const { SharedMap } = await load(), map = SharedMap.create<string, any>({ ...OPTIONS, backend: 'javascript' })
    const other = SharedMap.attach<string, any>(map.handle), third = SharedMap.attach<string, any>(map.handle, { backend: 'javascript' })
    expect([map.backend, other.backend, third.backend]).toEqual(['javascript', 'wasm', 'javascript'])
    map.set('from', 'JavaScript')
    expect(other.swap('from', { also: 'WebAssembly' })).toBe('JavaScript')
    expect(third.get('from')).toEqual({ also: 'WebAssembly' })
    expect(map.participant).toBe(other.participant)
  })

  it('is JavaScript where compiling is forbidden, and the map works and can be handed over', async () => {
    const { SharedMap } = await load(FORBIDDEN), map = SharedMap.create<string, number>(OPTIONS)
    expect(map.backend).toBe('javascript')
    for (let i = 0; i < 500; i++) map.add(`key ${i % 50}`, 1)
    expect(map.size).toBe(50)
    expect(map.handle.memory).toBeInstanceOf(WebAssembly.Memory)
    vi.unstubAllGlobals()
    const free = (await load()).SharedMap.attach<string, number>(map.handle)
    expect([free.backend, free.get('key 7')]).toEqual(['wasm', 10])
  })

  it('cannot be WebAssembly where compiling is forbidden: that is an OptionsError', async () => {
    const { OptionsError, SharedMap } = await load(FORBIDDEN)
    expect(() => SharedMap.create({ ...OPTIONS, backend: 'wasm' })).toThrow(OptionsError)
    expect(() => SharedMap.create({ ...OPTIONS, backend: 'wasm' })).toThrow(/content-security policy.*Leave the option backend out/)
    const map = SharedMap.create(OPTIONS)
    expect(() => SharedMap.attach(map.handle, { backend: 'wasm' })).toThrow(OptionsError)
  })

  it('is JavaScript over a plain buffer where there is no WebAssembly at all', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    const { OptionsError, SharedMap } = await load(), map = SharedMap.create<number, number>(OPTIONS)
    expect([map.backend, map.handle.memory]).toEqual(['javascript', undefined])
    for (let i = 0; i < 200; i++) map.set(i, i)
    expect(map.size).toBe(200)
    expect(() => SharedMap.create({ ...OPTIONS, backend: 'wasm' })).toThrow(OptionsError)
    vi.unstubAllGlobals()
    // A buffer that WebAssembly does not own cannot be lent to it.
    const other = (await load()).SharedMap.attach<number, number>(map.handle)
    expect([other.backend, other.get(199)]).toEqual(['javascript', 199])
  })
})

describe('the memory of a map', () => {
  it('is for both backends, or plain and for the JavaScript one alone, as was asked', async () => {
    const { OptionsError, SharedMap } = await load()
    const kindOf = (options: library.CreateOptions<any, any>): unknown[] => {
      const map = SharedMap.create<string, number>({ ...OPTIONS, ...options })
      const other = SharedMap.attach<string, number>(map.set('a', 1).handle)
      return [map.backend, other.backend, map.stats().memory.kind, other.stats().memory.kind, other.get('a')]
    }
    expect(kindOf({})).toEqual(['wasm', 'wasm', 'wasm', 'wasm', 1])
    expect(kindOf({ memory: 'wasm', backend: 'javascript' })).toEqual(['javascript', 'wasm', 'wasm', 'wasm', 1])
    expect(kindOf({ memory: 'plain' })).toEqual(['javascript', 'javascript', 'plain', 'plain', 1])
    expect(kindOf({ memory: 'plain', backend: 'javascript' })).toEqual(['javascript', 'javascript', 'plain', 'plain', 1])
    const plain = SharedMap.create({ ...OPTIONS, memory: 'plain' })
    expect(() => SharedMap.attach(plain.handle, { backend: 'wasm' })).toThrow(OptionsError)
    expect(() => SharedMap.attach(plain.handle, { backend: 'wasm' })).toThrow(/plain SharedArrayBuffer.*Leave the option backend out/)
    expect(() => SharedMap.create({ memory: 'plain', backend: 'wasm' })).toThrow(/memory is "plain" and backend is "wasm".*Leave one/)
    for (const memory of ['shared', null, 5] as never[]) {
      expect(() => SharedMap.create({ memory })).toThrow(/memory is .*'wasm' or 'plain'/)
    }
  })
})

describe('reserving memory', () => {
  const refusing = class { constructor() { throw new RangeError('could not allocate memory') } }

  it('that the system refuses, of either kind, is an OptionsError with what to do', async () => {
    const { OptionsError, SharedMap } = await load({ Memory: refusing })
    vi.stubGlobal('SharedArrayBuffer', refusing)
    for (const memory of [undefined, 'plain'] as const) {
      expect(() => SharedMap.create({ ...OPTIONS, memory })).toThrow(OptionsError)
      expect(() => SharedMap.create({ ...OPTIONS, memory }))
        .toThrow(/would not reserve 1048576 bytes.*could not allocate.*smaller maxByteLength/)
    }
  })

  it('that WebAssembly cannot have is done by a plain buffer, except where WebAssembly was asked for', async () => {
    const { OptionsError, SharedMap } = await load({ Memory: refusing }), map = SharedMap.create<string, number>(OPTIONS).set('a', 1)
    expect([map.backend, map.stats().memory.kind, map.handle.memory, map.get('a')]).toEqual(['javascript', 'plain', undefined, 1])
    for (const options of [{ backend: 'wasm' }, { memory: 'wasm' }, { memory: 'wasm', backend: 'javascript' }] as const) {
      expect(() => SharedMap.create({ ...OPTIONS, ...options })).toThrow(OptionsError)
      expect(() => SharedMap.create({ ...OPTIONS, ...options }))
        .toThrow(/10 GiB of addresses.*--disable-wasm-trap-handler.*leave the options backend and memory out/)
    }
  })

  it('where SharedArrayBuffer is missing is an IsolationError', async () => {
    vi.stubGlobal('SharedArrayBuffer', undefined)
    const { IsolationError, SharedMap } = await load()
    expect(() => SharedMap.create(OPTIONS)).toThrow(IsolationError)
  })

  it('rounds up to whole pages', async () => {
    const { SharedMap } = await load()
    expect(SharedMap.create({ maxByteLength: 1_000_000 }).handle.buffer.byteLength).toBe(16 * 65536)
  })
})
