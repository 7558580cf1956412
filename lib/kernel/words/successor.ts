// The successor word of a table: whether the next table is installed, and what for.
//
//    63                              32 31                        2 1     0
//   +----------------------------------+---------------------------+-------+
//   | generation (32)                  | 0                         | kind  |
//   +----------------------------------+---------------------------+-------+
//
// Law: it is set once, to what the claims of the table were closed for.

import { Word, low, pack } from '../memory'

export enum Successor { None, Copy, Clear }
export enum SuccessorStep { Renew = 40, InstallCopy = 41, InstallClear = 42 }

export function successorKind(word: Word): Successor { return low(word) as Successor }
export function successorWord(generation: i32, kind: Successor): Word { return pack(generation, kind) }

// steps

import { wordKind } from '../step'
import { generationForward } from './header'

export const SUCCESSOR = /* @__PURE__ */ wordKind('successor', ['None', 'Copy', 'Clear'], word => Successor[successorKind(word)]!, generationForward, [
  [SuccessorStep.Renew,        'renew',         'Older', 'None',  'setHeaderWord', ''],
  [SuccessorStep.InstallCopy,  'install copy',  'None',  'Copy',  'install',       ''],
  [SuccessorStep.InstallClear, 'install clear', 'None',  'Clear', 'install',       ''],
])
