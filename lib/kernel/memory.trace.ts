// The traced flavour of `memory.ts` (AssemblyScript): as `memory.wasm.ts`, but every shared access is a call of the host,
// which schedules it and makes it. For the harness: the WebAssembly kernel under the explorer's schedules.

export {
  agrees, below, cellsInAll, fail, fixed, foldSum, high, imul, keep, leadingZeros, low, mulHigh, pack, peek, poke, propose, sumProducts, took, touch,
} from './memory.wasm'

import { keep } from './memory.wasm'

export type Word = i64

/** No: what the harness counts are the steps of the protocol. */
export const BRINGS_NEAR: boolean = false

// @ts-ignore
@external("access", "load") export declare function load(at: i32): i64
// @ts-ignore
@external("access", "store") export declare function store(at: i32, next: i64): void
// @ts-ignore
@external("access", "cas") export declare function cas(at: i32, seen: i64, next: i64): i64
// @ts-ignore
@external("access", "add") export declare function add(at: i32, delta: i32): void

/** A step for the explorer as any other. */
export function write(at: i32, next: i64): void { store(at, next) }

// A call for each access, as the JavaScript flavour makes them.
export function copyVeiledOut(to: i32, from: i32, cells: i32, veil: i64): void { for (let n = 0; n < cells; n++) keep(to + n, load(from + n) ^ veil) }
export function copyVeiledIn(to: i32, from: i32, cells: i32, veil: i64): void { for (let n = 0; n < cells; n++) store(to + n, load(from + n) ^ veil) }
export function differBy(a: i32, b: i32, cells: i32, veils: i64): boolean {
  for (let n = 0; n < cells; n++) if ((load(a + n) ^ load(b + n)) != veils) return false
  return true
}
