// The keys and values that a contract uses unless it is given others: all kinds that the built-in encoding takes.

const KEYS: readonly unknown[] = [
  0, 'a', -1, '', 1.5, true, 10n, null, '\u65e5\u672c', NaN, undefined, 2n ** 70n, 'x'.repeat(100), false, -Infinity, '0',
]

/** The nth key. All are different. */
export function defaultKey(n: number): unknown {
  if (n < KEYS.length) return KEYS[n]
  switch (n % 8) {
    case 0: case 2: return n
    case 1: case 3: return `key ${n}`
    case 4: return -n
    case 5: return `\u65e5\u672c ${n}`
    case 6: return new Uint8Array([n, n >> 8, n >> 16, n >> 24])
    default: return n + 0.5
  }
}

const VALUES: readonly (() => unknown)[] = [
  () => 7, () => 'text', () => 0, () => -0, () => ({ x: 1, list: [1, { deep: null }] }), () => undefined, () => -2147483648, () => null, () => [1, 'two', [3]],
  () => NaN, () => new Uint8Array([1, 2, 3]), () => 'long '.repeat(800), () => 1.5, () => true, () => -(2n ** 65n), () => '\u65e5\u672c', () => '', () => ({}),
]

/** The nth value. The first is an integer. */
export function defaultValue(n: number): unknown {
  if (n < VALUES.length) return VALUES[n]!()
  switch (n % 4) {
    case 0: return n
    case 1: return 'v'.repeat(n % 200)
    case 2: return { n, text: `value ${n}` }
    default: return -n
  }
}
