// The done-word of a chunk, and the two cursors that hand chunks out.
//
//    63                              32 31                        2 1     0
//   +----------------------------------+---------------------------+-------+
//   | generation (32)                  | Dead-moved slots (30)     | state |   done-word
//   +----------------------------------+---------------------------+-------+
//   | generation (32)                  | next chunk (32)                   |   cursor
//   +----------------------------------+-----------------------------------+
//
// Law: Done is set only after every slot of the chunk was seen dead; completion is read from these words alone.
// A cursor is a hint: a chunk handed out is never a promise.

import { Word, low, pack } from '../memory'

export enum Chunk { Open, Done, Swept }
export enum ChunkStep { Renew = 50, Done = 51, Sweep = 52 }
export enum CursorStep { Renew = 54, Advance = 55 }

export function chunkState(word: Word): Chunk { return (low(word) & 3) as Chunk }
export function movedIn(word: Word): i32 { return low(word) >>> 2 }
export function chunkWord(generation: i32, state: Chunk, moved: i32): Word { return pack(generation, moved << 2 | state) }

// steps

import { wordKind } from '../step'
import { generationForward } from './header'

export const CHUNK = /* @__PURE__ */ wordKind('chunk', ['Open', 'Done', 'Swept'], word => Chunk[chunkState(word)]!, generationForward, [
  [ChunkStep.Renew, 'renew', 'Older', 'Open',  'setHeaderWord', ''],
  [ChunkStep.Done,  'done',  'Open',  'Done',  'copyChunk, killChunk', ''],
  [ChunkStep.Sweep, 'sweep', 'Done',  'Swept', 'sweepChunk', ''],
])
export const CURSOR = /* @__PURE__ */ wordKind('cursor', ['Set'], () => 'Set', generationForward, [
  [CursorStep.Renew,   'renew',   'Older', 'Set', 'setHeaderWord', ''],
  [CursorStep.Advance, 'advance', 'Set',   'Set', 'nextChunk, openSweep', ''],
])
