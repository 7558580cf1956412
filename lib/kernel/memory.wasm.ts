// The WebAssembly flavour of `memory.ts` (AssemblyScript): same names, same meaning, same bytes.

export type Word = i64

// @ts-ignore
@inline export function cellsInAll(): i32 { return <i32>memory.size() << 13 }
// @ts-ignore
@inline export function load(at: i32): i64 { return atomic.load<i64>(at << 3) }
// @ts-ignore
@inline export function fixed(at: i32): i64 { return i64.load(at << 3) }
export const BRINGS_NEAR: boolean = true
// @ts-ignore
@inline export function touch(at: i32): void { atomic.load<i64>(at << 3) }
// @ts-ignore
@inline export function store(at: i32, next: i64): void { atomic.store<i64>(at << 3, next) }
// @ts-ignore
@inline export function write(at: i32, next: i64): void { i64.store(at << 3, next) }
// @ts-ignore
@inline export function cas(at: i32, seen: i64, next: i64): i64 { return atomic.cmpxchg<i64>(at << 3, seen, next) }
// @ts-ignore
@inline export function add(at: i32, delta: i32): void { atomic.add<i64>(at << 3, <i64>delta & 0xffffffff) }

// @ts-ignore
@inline export function peek(at: i32, i: i32): i32 { return i32.load((at << 3) + (i << 2)) }
// @ts-ignore
@inline export function poke(at: i32, i: i32, value: i32): void { i32.store((at << 3) + (i << 2), value) }
// @ts-ignore
@inline export function keep(at: i32, word: i64): void { i64.store(at << 3, word) }

// @ts-ignore
@inline export function low(word: i64): i32 { return <i32>word }
// @ts-ignore
@inline export function high(word: i64): i32 { return <i32>(word >>> 32) }
// @ts-ignore
@inline export function pack(highHalf: i32, lowHalf: i32): i64 { return (<i64>highHalf << 32) | (<i64>lowHalf & 0xffffffff) }

// @ts-ignore
@inline export function agrees(word: i64, form: i32, payload: i32, mask: i32): boolean { return ((word ^ pack(form, payload)) & pack(63, mask)) == 0 }

// @ts-ignore
@inline export function imul(a: i32, b: i32): i32 { return a * b }
// @ts-ignore
@inline export function mulHigh(a: i32, b: i32): i32 { return <i32>(((<u64>a & 0xffffffff) * (<u64>b & 0xffffffff)) >> 32) }
// @ts-ignore
@inline export function below(a: i32, b: i32): boolean { return <u32>a < <u32>b }
// @ts-ignore
@inline export function leadingZeros(a: i32): i32 { return <i32>clz<u32>(<u32>a) }

function product(word: i64, key: i64): i64 {
  return <i64>(<u64><u32>(<i32>word + <i32>key) * <u64><u32>(<i32>(word >>> 32) + <i32>(key >>> 32)))
}
export function sumProducts(sum: i32, keys: i32, first: i32, second: i32, at: i32, cells: i32): void {
  let total = product(pack(second, first), i64.load(keys << 3))
  for (let n = 0; n < cells; n++) total += product(i64.load(at + n << 3), i64.load(keys + n + 1 << 3))
  i64.store(sum << 3, total)
}
export function foldSum(sum: i32, keys: i32): i32 {
  const s = i64.load(sum << 3)
  return <i32>(((s & 0xffffffff) * i64.load(keys << 3) + (s >>> 32) * i64.load(keys << 3, 8) + i64.load(keys << 3, 16)) >>> 32)
}

// Four cells a turn. Reading is atomic, so that whoever validates afterwards has read before; writing need not be, as for `write`.
export function copyVeiledOut(to: i32, from: i32, cells: i32, veil: i64): void {
  let a = to << 3, b = from << 3, left = cells
  for (; left >= 4; left -= 4, a += 32, b += 32) {
    i64.store(a, atomic.load<i64>(b) ^ veil)
    i64.store(a, atomic.load<i64>(b, 8) ^ veil, 8)
    i64.store(a, atomic.load<i64>(b, 16) ^ veil, 16)
    i64.store(a, atomic.load<i64>(b, 24) ^ veil, 24)
  }
  for (; left > 0; left--, a += 8, b += 8) i64.store(a, atomic.load<i64>(b) ^ veil)
}
export function copyVeiledIn(to: i32, from: i32, cells: i32, veil: i64): void {
  let a = to << 3, b = from << 3, left = cells
  for (; left >= 4; left -= 4, a += 32, b += 32) {
    i64.store(a, i64.load(b) ^ veil)
    i64.store(a, i64.load(b, 8) ^ veil, 8)
    i64.store(a, i64.load(b, 16) ^ veil, 16)
    i64.store(a, i64.load(b, 24) ^ veil, 24)
  }
  for (; left > 0; left--, a += 8, b += 8) i64.store(a, i64.load(b) ^ veil)
}
export function differBy(a: i32, b: i32, cells: i32, veils: i64): boolean {
  let p = a << 3, q = b << 3, left = cells
  for (; left >= 2; left -= 2, p += 16, q += 16) {
    if (((atomic.load<i64>(p) ^ atomic.load<i64>(q) ^ veils) | (atomic.load<i64>(p, 8) ^ atomic.load<i64>(q, 8) ^ veils)) != 0) return false
  }
  return left == 0 || (atomic.load<i64>(p) ^ atomic.load<i64>(q)) == veils
}

// @ts-ignore
@external("checks", "propose") export declare function propose(step: i32, seen: i64, next: i64): void
// @ts-ignore
@external("checks", "took") export declare function took(step: i32): void
// @ts-ignore
@external("checks", "fail") export declare function fail(code: i32): void
