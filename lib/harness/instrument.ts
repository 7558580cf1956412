// The AST pass: the built JavaScript kernel, with every function that reaches shared memory turned into a generator that
// stops before each access. Only the text around names is touched, so that statements, lines and order stay those of the
// shipped file.

import { parse, type Node } from 'acorn'
import MagicString from 'magic-string'

/** One access that a stopped function is about to make. */
export interface Access { kind: AccessKind, at: number, seen: bigint, next: bigint }
export enum AccessKind { Load, Store, Swap, Add }

/** What instrumented code calls instead of touching memory. */
export interface Runtime {
  /** Whether a cell is the caller's own: reading and writing it is no step that others could see. */
  isOwn(at: number): boolean
  ownWord(at: number): bigint
  setOwnWord(at: number, next: bigint): void
  /** A word that never changes. */
  fixed(at: number): bigint
  peek(at: number, i: number): number
  poke(at: number, i: number, value: number): void
  /** Where the next access is described before the generator yields. */
  readonly access: Access
}

/** The memory module's functions as the harness has them: same names, each access a `yield`. */
const MEMORY = `
function* load(at) { if (runtime.isOwn(at)) return runtime.ownWord(at); const a = runtime.access; a.kind = 0; a.at = at; a.seen = a.next = 0n; return yield }
function* store(at, next) { if (runtime.isOwn(at)) return runtime.setOwnWord(at, next); const a = runtime.access; a.kind = 1; a.at = at; a.seen = 0n; a.next = next; yield }
function* cas(at, seen, next) { const a = runtime.access; a.kind = 2; a.at = at; a.seen = seen; a.next = next; return yield }
function* add(at, delta) { const a = runtime.access; a.kind = 3; a.at = at; a.seen = 0n; a.next = BigInt(delta); yield }
function fixed(at) { return runtime.fixed(at) }
function peek(at, i) { return runtime.peek(at, i) }
function poke(at, i, value) { runtime.poke(at, i, value) }
`
const ACCESSES = new Set(['load', 'store', 'cas', 'add'])
const REPLACED = new Set([...ACCESSES, 'fixed', 'peek', 'poke'])

interface Fn { name: string, node: any, calls: { node: any, name: string }[], reaches: boolean }

/** Visits every node, with the functions it lies in, outermost first. */
function visit(node: any, parents: readonly any[], see: (node: any, parents: readonly any[]) => void): void {
  see(node, parents)
  const inside = /Function/.test(node.type) ? [...parents, node] : parents
  for (const key in node) {
    for (const child of [node[key]].flat()) if (child !== null && typeof child === 'object' && typeof child.type === 'string') visit(child, inside, see)
  }
}

/** The functions of the file by name, and which of them call which. */
function survey(program: Node): Map<string, Fn> {
  const functions = new Map<string, Fn>()
  visit(program, [], node => {
    if (node.type === 'FunctionDeclaration') functions.set(node.id.name, { name: node.id.name, node, calls: [], reaches: ACCESSES.has(node.id.name) })
  })
  visit(program, [], (node, parents) => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier' || !functions.has(node.callee.name)) return
    const owner = parents.at(-1)
    const caller = owner?.type === 'FunctionDeclaration' ? functions.get(owner.id.name) : undefined
    if (caller !== undefined) caller.calls.push({ node, name: node.callee.name })
    else if (ACCESSES.has(node.callee.name)) throw new Error(`line ${lineOf(node)}: an access inside a callback cannot be scheduled`)
  })
  return functions
}

const lineOf = (node: any): number => node.loc.start.line

/** Marks every function from which an access can be reached. */
function close(functions: Map<string, Fn>): void {
  for (let grew = true; grew;) {
    grew = false
    for (const fn of functions.values()) {
      if (fn.reaches || REPLACED.has(fn.name) || !fn.calls.some(({ name }) => functions.get(name)!.reaches)) continue
      fn.reaches = grew = true
    }
  }
}

/** A plain read or write of a shared view would be invisible to the scheduler. */
function refusePlainAccesses(program: Node): void {
  visit(program, [], (node, parents) => {
    if (node.type !== 'MemberExpression' || !node.computed || node.object.type !== 'Identifier' || !/^(cells|ints)$/.test(node.object.name)) return
    const owner = parents.findLast(parent => parent.type === 'FunctionDeclaration')
    if (owner === undefined || !REPLACED.has(owner.id.name)) throw new Error(`line ${lineOf(node)}: a plain access to the shared view ${node.object.name}`)
  })
}

/** The text of a module that exports `instantiate(runtime)`, whose functions are generators where they touch memory. */
export function instrument(source: string): string {
  const program = parse(source, { ecmaVersion: 'latest', sourceType: 'module', locations: true })
  refusePlainAccesses(program)
  const functions = survey(program), text = new MagicString(source)
  close(functions)
  for (const fn of functions.values()) {
    if (REPLACED.has(fn.name)) { text.remove(fn.node.start, fn.node.end); continue }
    if (fn.reaches) text.appendLeft(fn.node.start + 'function'.length, '*')
    for (const { node, name } of fn.calls) {
      if (!functions.get(name)!.reaches) continue
      text.appendLeft(node.start, '(yield* ')
      text.appendRight(node.end, ')')
    }
  }
  return text.toString().replace('export function instantiate(cells, checks) {', `export function instantiate(runtime, checks) {${MEMORY}`).replace(/^const ints = .*$/m, '')
}
