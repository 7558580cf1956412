// The loops that benny measures, in two styles.
//
// `'inlined'`: each loop is a function of its own, made from text, so that what V8 learns about the types in one has no
// effect on another. It knows its one map and the type of the keys, and takes the call apart.
// `'called'`: the map is used in a function that V8 does not inline, and which knows nothing of the key; so it is where a map is
// passed around in a program.

import { OPERATIONS } from '../lib/measure.mjs'
import { RING, TEXTS, indices, spread, writeFlags } from '../lib/keys.mjs'

/** Where the key comes from. */
const KEYS = { integer: 'Math.imul(index, 0x9e3779b1)', fresh: 'keyOf(index)', reused: 'texts[index]' }

/** Values: how one is made, and what is wrong with one that was read. */
export const VALUES = {
  integer: { make: (index, version) => index | (version & 127) << 24, isRight: (index, value) => value !== undefined && (value & 0xffffff) === index },
  text16: { make: index => `value-${1_000_000_000 + index}`, isRight: (index, value) => value !== undefined && value.length === 16 },
  text200: { make: index => `${'v'.repeat(190)}${1_000_000_000 + index}`, isRight: (index, value) => value !== undefined && value.length === 200 },
  object: { make: index => ({ id: index, name: 'somebody', tags: ['a', 'b'], score: 12.5, active: true }), isRight: (index, value) => value !== undefined && value.id === index },
}

function textOf(spec) {
  const write = 'map.set(key, makeValue(index, at))', read = 'if (!isRight(index, map.get(key))) wrong++'
  const operate = spec.writes === 0 ? read : spec.writes === 100 ? write : `if (isWrite[at & mask] === 1) ${write}; else ${read}`
  return `let at = 0
return () => {
  let wrong = 0
  for (const end = at + ${OPERATIONS}; at < end; at++) {
    const index = asked[at & mask], key = ${KEYS[spec.keys]}
    ${operate}
  }
  if (at > mask) at = 0
  tally.wrong += wrong
}`
}

/** What the loops of one case share: the keys to ask for, and a tally of wrong answers. */
export function prepare(spec) {
  const { entries, distribution = 'uniform', length = 19 } = spec
  const keyOf = spec.keys === 'integer' ? spread : TEXTS[length], asked = indices(distribution, entries, 1)
  const texts = spec.keys === 'reused' ? Array.from({ length: entries }, (_, index) => keyOf(index)) : []
  const { make: makeValue, isRight } = VALUES[spec.values ?? 'integer']
  return { asked, isWrite: writeFlags(spec.writes, 1), keyOf, texts, mask: RING - 1, tally: { wrong: 0 }, makeValue, isRight }
}

/** The one loop of the style `'called'`: it meets so many functions that V8 inlines none. */
function callingLoop(read, write, { asked, isWrite, keyOf, mask, tally, makeValue, isRight }) {
  let at = 0
  return () => {
    let wrong = 0
    for (const end = at + OPERATIONS; at < end; at++) {
      const index = asked[at & mask]
      if (isWrite[at & mask] === 1) write(keyOf(index), makeValue(index, at))
      else if (!isRight(index, read(keyOf(index)))) wrong++
    }
    if (at > mask) at = 0
    tally.wrong += wrong
  }
}

const readOf = map => new Function('map', 'return key => map.get(key)')(map)
const writeOf = map => new Function('map', 'return (key, value) => map.set(key, value)')(map)

/** Lets the calling loop meet maps with several kinds of keys. */
function meetMany() {
  for (const keyOf of [index => index, String, index => index + 0.5, index => `key ${index}`, index => index % 2 === 0, index => -index]) {
    const map = new Map(), asked = new Int32Array(1), shared = { asked, isWrite: Uint8Array.of(0), keyOf, mask: 0, tally: { wrong: 0 }, makeValue: keyOf, isRight: () => true }
    const loop = callingLoop(readOf(map), writeOf(map), shared), writing = callingLoop(readOf(map), writeOf(map), { ...shared, isWrite: Uint8Array.of(1) })
    for (let n = 0; n < 20; n++) { loop(); writing() }
  }
}

/** A loop over one map. */
export function loopOver(map, spec, prepared) {
  if (spec.style === 'called') {
    meetMany()
    return callingLoop(readOf(map), writeOf(map), prepared)
  }
  const names = Object.keys(prepared)
  return new Function('map', ...names, textOf(spec))(map, ...names.map(name => prepared[name]))
}
