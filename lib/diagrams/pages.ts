// The pictures of the map's documents, by the names of their files. All of them come from TRANSITIONS, from the memory
// layout, and from runs of the shipped kernel.

import { Profile } from '../harness/map/profile'
import { type MapSystemOptions, mapSystem } from '../harness/map/system'
import type { System, Transition } from '../harness/system'
import { layOut, sheet } from './draw'
import type { Extracted } from './extract'
import { combinations, extractedDot, extractedMermaid } from './extracted'
import { blockLife, jointResize, pageLife, tableLife } from './lives'
import { toDot, toMermaid } from './machine'
import { toPlayer } from './player'
import { recordRaces } from './races'
import { toSvg } from './timeline'

/** Draws some files, by their names. */
type Draw = () => Promise<Record<string, string>>

const SLOT = { words: ['key', 'value'], title: 'The slot' }

/** All pictures, each group with what it is. */
export function pages(options: MapSystemOptions): Readonly<Record<string, Draw>> {
  const system = mapSystem(options), records = mapSystem({ ...options, held: 'records' })
  return {
    'the slot': () => slotMachine(system),
    'the lives of tables, blocks and pages': () => lives(system, records),
    'the old slot and the new': () => joint(system),
    'how often each step was taken': () => coverage(options),
    'the races': () => races(system),
  }
}

async function races(system: System): Promise<Record<string, string>> {
  const traces = recordRaces(system), player = toPlayer(traces, { title: 'nonblocking-map: races, step by step' })
  return { ...Object.fromEntries(Object.entries(traces).map(([name, trace]) => [`interleaving-${name}.svg`, toSvg(trace)])), 'player.html': player }
}

async function slotMachine(system: System): Promise<Record<string, string>> {
  const dot = toDot(system, SLOT), about = 'Every legal step: its name, the function that makes it, and ◆ what takes effect there.'
  const drawings = await Promise.all(SLOT.words.map(async word => layOut(toDot(system, { words: [word], title: word }))))
  const svg = sheet('The slot: its key word, and its value word', about, drawings)
  return { 'slot-machine.mmd': toMermaid(system, SLOT), 'slot-machine.dot': dot, 'slot-machine.svg': svg }
}

async function lives(system: System, records: System): Promise<Record<string, string>> {
  const drawn = await Promise.all([life('table', tableLife(system)), life('block', blockLife(records)), life('page', pageLife(records))])
  return Object.assign({}, ...drawn) as Record<string, string>
}

async function life(what: string, extracted: Extracted): Promise<Record<string, string>> {
  const title = `the life of a ${what}`, dot = extractedDot(extracted, title), name = `${what}-life`
  const about = `Read off ${extracted.explored.toLocaleString('en')} states of the explorer, kills included; the numbers are how many of them were in each.`
  return {
    [`${name}.mmd`]: extractedMermaid(extracted, title), [`${name}.dot`]: dot,
    [`${name}.svg`]: sheet(`T${title.slice(1)}`, about, [await layOut(dot)]),
  }
}

async function joint(system: System): Promise<Record<string, string>> {
  const copy = jointResize(system, 'copy'), clear = jointResize(system, 'clear')
  const all = new Set([...copy.states.keys(), ...clear.states.keys()].flatMap(state => state.split(' | '))), universe = ORDER.filter(state => all.has(state))
  const about = 'Old slot | new slot of one key while its table is copied, as far as the programs below come, with the explored states in each.'
  const programs = (replaces: string): string =>
    `a worker that ${replaces} and sweeps, and one that puts, deletes or gets a key that is there, was there, or never was, begun before the install or after it.`
  const copyTable = combinations(copy, universe, {
    rows: 'While a table is copied: old slot', columns: 'new slot', programs: programs('resizes'), note: 'No key ever has a live value in both.',
  })
  const clearTable = combinations(clear, universe, {
    rows: 'While a table is cleared: old slot', columns: 'new slot', programs: programs('clears'),
    note: 'Once the root names the new table, what the old one holds is gone.',
  })
  const body = `${copyTable.body}<g transform="translate(0,${copyTable.height})">${clearTable.body}</g>`
  const below = { body, width: copyTable.width, height: copyTable.height + clearTable.height }
  const dot = extractedDot(copy, 'the old slot and the new')
  return { 'joint-resize.dot': dot, 'joint-resize.svg': sheet('The old slot and the new', about, [await layOut(dot)], below) }
}

/** The states of slots, in the order in which a slot goes through them. */
const ORDER = ['Empty', 'Key', 'Value', 'Tombstone', 'Prime', 'DeadMoved', 'DeadDeleted', 'DeadEmpty', 'Sealed',
  'Sealed, DeadEmpty', 'Empty, DeadMoved', 'Empty, DeadDeleted', 'Empty, DeadEmpty']

/** Every so manieth scenario of the quick profile; of those of the memory all, for they are few. */
const EVERY = 16

async function coverage(options: MapSystemOptions): Promise<Record<string, string>> {
  const profile = new Profile(options, { maxStates: 4000, mutantStates: 1 }), jobs = profile.scenarioJobs().filter(({ part, n }) => part === 'memory' || n % EVERY === 0)
  for (const job of jobs) profile.run(job)
  const taken = new Map<Transition, number>()
  for (const { taken: counts } of Object.values(profile.monitors)) for (const [step, count] of counts) taken.set(step, (taken.get(step) ?? 0) + count)
  const about = `Edges as thick as the number of accesses that took the step, in ${jobs.length} scenarios of the explorer. Steps never taken are red and dashed.`
  const drawings = await Promise.all(SLOT.words.map(word => layOut(toDot({ transitions: [...taken.keys()] }, { words: [word], taken }))))
  return { 'coverage.svg': sheet('How often each step of a slot was taken', about, drawings) }
}
