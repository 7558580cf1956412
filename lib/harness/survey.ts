// What the pass looks for before it writes: which functions reach shared memory, through which names, and what in the file
// cannot be checked. That is refused, with its line.

import { ACCESS_OF } from './access'
import { type Node, assignedBy, isFunction, isOnlyAName, namesIn, scopeOf, visit } from './scope'

/** Thrown where code cannot be checked as it is; the message names the line and says what to do. */
export class InstrumentError extends Error {
  override readonly name = 'InstrumentError'
}

/** `nodes`: all functions of that name, and `around` the functions that they lie in. */
export interface Fn { readonly name: string, readonly nodes: Node[], readonly around: Set<Node>, calls: Use[], accesses: Use[], reaches: boolean }
/** A call or an access, and what it lies in. */
export interface Use { readonly node: Node, readonly parents: readonly Node[], readonly callee: string }
/** By their names. */
export type Functions = ReadonlyMap<string, Fn>

const VIEWS = /^(Int8|Uint8|Int16|Uint16|Int32|Uint32|BigInt64|BigUint64)Array$/
/** What may be asked of a view without reading what it shows. */
export const OF_A_VIEW = /^(length|buffer|byteOffset|byteLength|BYTES_PER_ELEMENT)$/
const CHANGES = /^(set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin)$/
const OURS = /^\$(\d+|_.*|all|default|depth)?$/
export const IMPORT = 'an import: bundle the file first, so that all the code that is checked is in it'

/** Ends the pass: `why` says what to do instead. */
export const refuse = (node: Node, why: string): never => { throw new InstrumentError(`line ${node.loc.start.line}: ${why}`) }

/** What names a shared view: an identifier, or a property. */
export function viewName(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name
  return node.type === 'MemberExpression' && !node.computed ? `.${node.property.name}` : undefined
}

/** The method of Atomics that a call is one of. */
export function atomicsMethod(node: Node): string | undefined {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression' || node.callee.object.type !== 'Identifier') return undefined
  return node.callee.object.name === 'Atomics' && !node.callee.computed ? node.callee.property.name : undefined
}

// --- which functions reach memory

/** The named functions of the file: declarations, and constants that are functions. */
export function functionsIn(program: Node): Functions {
  const functions = new Map<string, Fn>()
  const add = (name: string, node: Node, parents: readonly Node[]): void => {
    const fn = functions.get(name) ?? { name, nodes: [], around: new Set(), calls: [], accesses: [], reaches: false }
    fn.nodes.push(node)
    for (const parent of parents) if (isFunction(parent)) fn.around.add(parent)
    functions.set(name, fn)
  }
  visit(program, (node, parents) => {
    if (node.type === 'FunctionDeclaration') add(node.id?.name ?? 'default', node, parents)
    const declarator = parents.at(-1)
    if (/^(Arrow)?FunctionExpression$/.test(node.type) && declarator?.type === 'VariableDeclarator' && declarator.init === node
      && parents.at(-2)!.kind === 'const' && declarator.id.type === 'Identifier') add(declarator.id.name, node, parents)
  })
  return functions
}

/** The function of the file that an identifier is, where no variable hides it. */
function functionAt({ name, start }: Node, parents: readonly Node[], functions: Functions): Fn | undefined {
  const fn = functions.get(name), around = parents.findLast(parent => isFunction(parent) && scopeOf(parent).knows(name, start))
  const known = around === undefined ? undefined : scopeOf(around).functionOf(name, start)
  return around === undefined || fn !== undefined && known !== undefined && fn.nodes.includes(known) ? fn : undefined
}

/** Notes for each function what it calls and which accesses it makes. */
function survey(program: Node, functions: Functions): void {
  const byNode = new Map([...functions.values()].flatMap(fn => fn.nodes.map(node => [node, fn])))
  visit(program, (node, parents) => {
    if (node.type !== 'CallExpression') return
    const method = atomicsMethod(node), isNamed = method === undefined && node.callee.type === 'Identifier'
    const known = isNamed ? functionAt(node.callee, parents, functions) : undefined
    if (method === undefined && known === undefined) return
    if (method !== undefined && !(method in ACCESS_OF)) return refuseMethod(node, method)
    const around = parents.findLast(isFunction), fn = around === undefined ? undefined : byNode.get(around)
    if (method !== undefined) refuseUnstoppable(node, parents, fn, 'an access')
    if (fn === undefined) return
    const use = { node, parents: parents.slice(parents.lastIndexOf(around!) + 1), callee: method ?? known!.name }
    if (method !== undefined) { fn.accesses.push(use); fn.reaches = true } else fn.calls.push(use)
  })
}

function refuseMethod(node: Node, method: string): void {
  if (/^wait/.test(method)) refuse(node, `Atomics.${method} waits for another worker: what waits cannot be checked for progress`)
  if (method === 'notify') refuse(node, 'Atomics.notify wakes who waits: what waits cannot be checked for progress')
  if (!/^(isLockFree|pause)$/.test(method)) refuse(node, `Atomics.${method} is not known to the checker`)
}

/** Only the body of a named function can be stopped. */
function refuseUnstoppable(node: Node, parents: readonly Node[], fn: Fn | undefined, what: string): void {
  const around = parents.findLast(isFunction), inFunction = parents.slice(parents.indexOf(around!))
  if (around === undefined) refuse(node, `${what} outside of all functions is made when the file is loaded: make it in init, or in an operation`)
  if (fn === undefined) refuse(node, `${what} inside a callback cannot be scheduled: move it into a named function`)
  if (node.start < around!.body.start) refuse(node, `${what} in a default value cannot be scheduled: move it into the body`)
  if (inFunction.some(({ type }) => type === 'ClassBody')) refuse(node, `${what} inside a class cannot be scheduled: move it into a named function`)
}

/** Marks every function from which an access can be reached. */
function close(functions: Functions): void {
  for (let grew = true; grew;) {
    grew = false
    for (const fn of functions.values()) {
      if (fn.reaches || !fn.calls.some(({ callee }) => functions.get(callee)!.reaches)) continue
      fn.reaches = grew = true
    }
  }
}

// --- what is refused

/** A function that reaches memory must be called where it can be stopped, and be one that can. */
function refuseFunctions(program: Node, functions: Functions): void {
  const byNode = new Map([...functions.values()].flatMap(fn => fn.nodes.map(node => [node, fn])))
  visit(program, (node, parents) => {
    if (!/^(Call|New)Expression$/.test(node.type) || node.callee.type !== 'Identifier' || functionAt(node.callee, parents, functions)?.reaches !== true) return
    if (node.type === 'NewExpression') refuse(node, `${node.callee.name} reaches shared memory: what makes objects cannot be stopped`)
    const around = parents.findLast(isFunction)
    refuseUnstoppable(node, parents, around === undefined ? undefined : byNode.get(around), `a call of ${node.callee.name}`)
  })
  for (const fn of functions.values()) if (fn.reaches) refuseKind(fn)
}

function refuseKind({ name, nodes }: Fn): void {
  const [node, second] = nodes as [Node, Node?], inner = node.type === 'FunctionExpression' ? node.id?.name ?? name : name
  if (second !== undefined) refuse(second, `two functions are called ${name}, and one reaches shared memory: give them two names`)
  if (node.async || node.generator) refuse(node, `${name} is ${node.async ? 'async' : 'a generator'}: what touches shared memory must be a plain function`)
  if (inner !== name) refuse(node, `the function is called both ${name} and ${inner}: give it one name`)
  if (name === 'instantiate') refuse(node, 'instantiate touches shared memory: each worker calls it, so bring the memory to its beginning in init')
  if (node.type !== 'ArrowFunctionExpression') return
  visit(node, (part, parents) => {
    if (part.type !== 'Identifier' || part.name !== 'arguments' || parents.some(({ type }) => /^Function/.test(type))) return
    refuse(part, 'arguments of an arrow function are those of another: name them')
  })
}

/** What cannot be followed wherever it stands. */
function refuseNames(program: Node): void {
  visit(program, (node, parents) => {
    const parent = parents.at(-1)
    const imports = node.type === 'ImportExpression' || node.type === 'MetaProperty' && node.meta.name === 'import'
    if (imports) refuse(node, IMPORT)
    if (node.type !== 'Identifier' || isOnlyAName(node, parent!)) return
    if (OURS.test(node.name)) refuse(node, `the name ${node.name} is the checker's own: take another`)
    if (node.name !== 'Atomics') return
    const method = parent!.type === 'MemberExpression' && parent!.object === node && !parent!.computed, called = parents.at(-2)
    if (!method || called?.type !== 'CallExpression' || called.callee !== parent) refuse(node, 'Atomics is used as a value: call its methods by their names')
  })
}

/** What is different in each run. A clock is no memory; what it tells could not be told again. */
function refuseClocks(program: Node, functions: Functions): void {
  const used = new Set([...functions.values()].filter(({ reaches }) => reaches))
  for (const fn of used) for (const { callee } of fn.calls) used.add(functions.get(callee)!)
  const nodes = new Set([...used].flatMap(fn => fn.nodes))
  visit(program, (node, parents) => {
    if (node.type !== 'Identifier' || !/^(Date|performance|crypto|Math)$/.test(node.name) || isOnlyAName(node, parents.at(-1)!)) return
    if (node.name === 'Math' && parents.at(-1)!.property?.name !== 'random') return
    if (!parents.some(parent => nodes.has(parent)) || parents.some(parent => isFunction(parent) && scopeOf(parent).knows(node.name, node.start))) return
    refuse(node, `${node.name} tells something else in each run: what an operation does may depend on its arguments and on shared memory alone`)
  })
}

/** Functions that only make others: they run once, before all operations. */
function environmentsOf(functions: Functions): Set<Node> {
  const reaching = [...functions.values()].filter(({ reaches }) => reaches), stepped = new Set(reaching.flatMap(({ nodes }) => nodes))
  const environments = reaching.flatMap(({ around }) => [...around]).filter(node => !stepped.has(node))
  return new Set([...environments, ...functions.get('instantiate')?.nodes ?? []])
}

/** What outlives an operation and changes would be a memory of its own for each worker, unseen by the search. */
class HiddenState {
  private readonly environments: Set<Node>
  private readonly outer = new Set<string>()

  constructor(private readonly program: Node, functions: Functions, private readonly views: ReadonlySet<string>) {
    this.environments = environmentsOf(functions)
    for (const statement of program.body as Node[]) {
      const { declarations, id } = statement.declaration ?? statement
      for (const pattern of declarations?.map((declarator: Node) => declarator.id) ?? [id]) for (const name of namesIn(pattern ?? null)) this.outer.add(name)
    }
  }

  refuse(): void {
    visit(this.program, (node, parents) => {
      for (const target of assignedBy(node)) this.check(node, target, parents)
      const { type, callee } = node
      if (type !== 'CallExpression' || callee.type !== 'MemberExpression' || callee.computed || !CHANGES.test(callee.property.name)) return
      this.check(node, callee, parents)
    })
  }

  private check(node: Node, target: Node, parents: readonly Node[]): void {
    let root = target
    while (root.type === 'MemberExpression') root = root.object
    if (root.type !== 'Identifier' || target !== root && this.views.has(viewName(target.object) ?? '')) return
    const around = parents.filter(isFunction), owner = around.findLastIndex(fn => scopeOf(fn).knows(root.name, root.start))
    const isBefore = (fn: Node): boolean => this.environments.has(fn) || isCalledAtOnce(fn, parents)
    if (owner < 0 && node.type === 'CallExpression' && !this.outer.has(root.name)) return
    // Before all operations, all changes are welcome; and what was made in an operation ends with it.
    if (around.slice(owner + 1).every(isBefore) || !around.slice(0, owner + 1).every(isBefore)) return
    refuse(node, `${root.name} outlives the operation and changes: each worker has its own. Keep it in shared memory, or in a local variable`)
  }
}

const isCalledAtOnce = (fn: Node, parents: readonly Node[]): boolean => {
  const call = parents[parents.indexOf(fn) - 1]
  return call?.type === 'CallExpression' && call.callee === fn
}

/** The names under which the file knows views of shared memory. */
function viewsIn(program: Node): Set<string> {
  const views = new Set<string>()
  visit(program, node => {
    if (atomicsMethod(node) !== undefined && node.arguments.length > 1) {
      const name = viewName(node.arguments[0])
      if (name !== undefined) views.add(name)
    }
    const { id, init } = node
    if (node.type !== 'VariableDeclarator' || id.type !== 'Identifier' || init?.type !== 'NewExpression' || !VIEWS.test(init.callee.name ?? '')) return
    // An array of so many numbers, or of these, is no view.
    if (init.arguments.length > 0 && !/^(Literal|ArrayExpression)$/.test(init.arguments[0].type)) views.add(id.name)
  })
  return views
}

/** Finds the functions that reach shared memory, and refuses what cannot be checked. The names of shared views. */
export function examine(program: Node, functions: Functions): ReadonlySet<string> {
  const views = viewsIn(program)
  refuseNames(program)
  survey(program, functions)
  close(functions)
  refuseFunctions(program, functions)
  refuseClocks(program, functions)
  new HiddenState(program, functions, views).refuse()
  return views
}
