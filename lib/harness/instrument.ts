// The AST pass: the built file, with every function that reaches shared memory turned into a generator that stops before
// each access. Only insertions are made, so that statements, lines and order stay those of the shipped file.
//
// Law: at each stop the code hands over all that its further way depends on: the live variables, and what the expressions
// it is in have computed so far, for every function on the stack. So threads that have come to the same point by different
// ways, but cannot differ from here on, are recognized as one. What cannot be handed over is refused, with its line; what
// cannot be seen in the text (an alias of a view, a function called as a value) the runtime refuses when it happens.

import { parse } from 'acorn'
import MagicString from 'magic-string'
import { ACCESS_OF } from './access'
import { type Node, type Scope, assignedBy, heldAt, isFunction, isOnlyAName, isOpaqueAt, namesIn, scopeOf, visit } from './scope'

/** A place in the checked file where a function can stop. */
export interface Site { readonly line: number, readonly fn: string }

/** What the pass makes of a file. */
export interface Instrumented {
  /** The body of a function of one parameter, `$`, that returns the module's exports. */
  readonly text: string
  readonly sites: readonly Site[]
}

/** Thrown where code cannot be checked as it is; the message names the line and says what to do. */
export class InstrumentError extends Error {
  override readonly name = 'InstrumentError'
}

/** `nodes`: all functions of that name, and `around` the functions that they lie in. */
interface Fn { readonly name: string, readonly nodes: Node[], readonly around: Set<Node>, calls: Use[], accesses: Use[], reaches: boolean }
interface Use { readonly node: Node, readonly parents: readonly Node[], readonly callee: string }
type Functions = ReadonlyMap<string, Fn>

const VIEWS = /^(Int8|Uint8|Int16|Uint16|Int32|Uint32|BigInt64|BigUint64)Array$/
const OF_A_VIEW = /^(length|buffer|byteOffset|byteLength|BYTES_PER_ELEMENT)$/
const CHANGES = /^(set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin)$/
const OURS = /^\$(\d+|_.*|all|default|depth)?$/
const IMPORT = 'an import: bundle the file first, so that all the code that is checked is in it'

const refuse = (node: Node, why: string): never => { throw new InstrumentError(`line ${node.loc.start.line}: ${why}`) }

/** What names a shared view: an identifier, or a property. */
function viewName(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name
  return node.type === 'MemberExpression' && !node.computed ? `.${node.property.name}` : undefined
}

/** The method of Atomics that a call is one of. */
function atomicsMethod(node: Node): string | undefined {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression' || node.callee.object.type !== 'Identifier') return undefined
  return node.callee.object.name === 'Atomics' && !node.callee.computed ? node.callee.property.name : undefined
}

// --- which functions reach memory

/** The named functions of the file: declarations, and constants that are functions. */
function functionsIn(program: Node): Functions {
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
  if (!/^(notify|isLockFree|pause)$/.test(method)) refuse(node, `Atomics.${method} is not known to the checker`)
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

// --- what is written

/** Turns the text of a module into stepped code. `plain` names the functions that may read and write a shared view plainly. */
export function instrument(source: string, plain: readonly string[] = []): Instrumented {
  return new Pass(source, plain).run()
}

/** The text of a module as the body of a function that returns its exports, and otherwise untouched. */
export function stripModule(source: string): string { return new Pass(source, []).strip() }

class Pass {
  private readonly program: Node
  private readonly text: MagicString
  private readonly functions: Functions
  private readonly sites: Site[] = []
  private readonly exported = new Map<string, string>()

  constructor(source: string, private readonly plain: readonly string[]) {
    this.program = parse(source, { ecmaVersion: 'latest', sourceType: 'module', locations: true }) as unknown as Node
    this.text = new MagicString(source)
    this.functions = functionsIn(this.program)
  }

  run(): Instrumented {
    const { program, functions } = this, views = viewsIn(program)
    refuseNames(program)
    survey(program, functions)
    close(functions)
    refuseFunctions(program, functions)
    refuseClocks(program, functions)
    new HiddenState(program, functions, views).refuse()
    this.rewritePlainAccesses(views)
    this.guardObjects()
    for (const fn of functions.values()) if (fn.reaches) this.rewrite(fn)
    return { text: this.strip(), sites: this.sites }
  }

  strip(): string {
    this.stripExports()
    this.text.append(`\nreturn { ${[...this.exported].map(([name, local]) => `${JSON.stringify(name)}: ${local}`).join(', ')} }`)
    return this.text.toString()
  }

  /** A plain access to a shared view is invisible to the scheduler: allowed in named functions, and watched there. */
  private rewritePlainAccesses(views: ReadonlySet<string>): void {
    const assignments = new Map<Node, Node>()
    visit(this.program, (node, parents) => {
      for (const target of assignedBy(node)) assignments.set(target, node)
      if (node.type !== 'MemberExpression' || !views.has(viewName(node.object) ?? '')) return
      if (!node.computed && OF_A_VIEW.test(node.property.name)) return
      const fn = parents.findLast(isFunction)?.id?.name, assignment = assignments.get(node)
      if (!node.computed || node.optional || fn === undefined || !this.plain.includes(fn)) {
        refuse(node, `a plain access to the shared view ${viewName(node.object)}: use Atomics`)
      }
      if (assignment === undefined) return this.rewritePlain(node, '$.plainLoad(', ')')
      const isWrite = assignment.operator === '=' && assignment.left === node
      if (!isWrite) refuse(node, 'a plain access that reads and writes, or takes apart: make it in two statements')
      this.rewritePlain(node, '$.plainStore(', '')
      const equals = this.text.original.indexOf('=', node.end)
      this.text.overwrite(equals, equals + 1, ', ')
      this.text.appendRight(assignment.end, ')')
    })
  }

  private rewritePlain(node: Node, opening: string, closing: string): void {
    const { text } = this, bracket = text.original.indexOf('[', node.object.end)
    text.appendLeft(node.start, opening)
    text.overwrite(bracket, bracket + 1, ', (')
    text.overwrite(node.end - 1, node.end, `)${closing}`)
  }

  /** Whatever is made may be a view of shared memory. */
  private guardObjects(): void {
    visit(this.program, node => {
      if (node.type !== 'NewExpression') return
      this.text.appendRight(node.start, '$.guard(')
      this.text.prependRight(node.end, ')')
    })
  }

  private rewrite(fn: Fn): void {
    const node = fn.nodes[0]!, scope = scopeOf(node), held = new Held(this.text, scope)
    // In the order of the text: what an expression holds is wrapped after, and so around, what it is made of.
    for (const use of [...fn.accesses, ...fn.calls].sort((a, b) => a.node.start - b.node.start)) this.rewriteUse(fn, use, scope, held)
    const catches = this.unwindCatches(node), names = [...held.all(), ...catches ? ['$depth = $.depth()'] : []]
    this.makeGenerator(fn, node, names.length > 0 ? ` let ${names.join(', ')};` : '')
  }

  private rewriteUse(fn: Fn, { node, parents, callee }: Use, scope: Scope, held: Held): void {
    const { text } = this, isAccess = atomicsMethod(node) !== undefined
    if (isAccess) {
      text.appendLeft(node.start, `${openingAt(node, parents)}yield $.at(`)
      // What a store gives back is not what the scheduler does: the value, as it was before it was made a word.
      text.overwrite(node.callee.start, node.callee.end, callee === 'store' && parents.at(-1)?.type !== 'ExpressionStatement' ? '$.stored' : `$.${callee}`)
    } else if (this.functions.get(callee)!.reaches) {
      text.appendLeft(node.start, '$.back(yield* $.call(')
      text.overwrite(node.callee.start, node.callee.end, `$_${callee}`)
    } else return
    text.prependRight(node.end, `, ${this.frame(fn, scope, held, node, parents, !isAccess)}))`)
  }

  /** The site's number, then everything that the rest of this function depends on. */
  private frame(fn: Fn, scope: Scope, held: Held, node: Node, parents: readonly Node[], calls: boolean): string {
    const live = isOpaqueAt(node, parents) ? undefined : scope.liveAt(node, calls), operands = live === undefined ? undefined : held.namesFor(node, parents)
    this.sites.push({ line: node.loc.start.line, fn: fn.name })
    return [this.sites.length - 1, ...operands === undefined ? ['$.unique()'] : new Set([...live!, ...operands])].join(', ')
  }

  /** Where an exception is caught, the functions that it has left are no longer on the stack. */
  private unwindCatches(fn: Node): boolean {
    let catches = false
    visit(fn.body, (node, parents) => {
      if (node.type !== 'TryStatement' || parents.some(isFunction)) return
      catches = true
      for (const block of [node.handler?.body, node.finalizer]) if (block) this.text.prependLeft(block.start + 1, ' $.unwind($depth);')
    })
    return catches
  }

  /** The generator goes by a name of its own; under the function's name it may be called from outside only. */
  private makeGenerator({ name }: Fn, node: Node, declarations: string): void {
    const { text } = this, entered = `$.enter($_${name}(...$all), ${JSON.stringify(name)})`
    if (node.type === 'ArrowFunctionExpression') this.makeArrow(node, declarations)
    else {
      text.prependLeft(node.body.start + 1, declarations)
      text.appendLeft(node.start + 'function'.length, '*')
    }
    if (node.type === 'FunctionDeclaration') {
      if (node.id === null) return
      text.overwrite(node.id.start, node.id.end, `$_${name}`)
      text.prependRight(node.start, `function ${name}(...$all) { return ${entered} } `)
      return
    }
    if (node.id) text.remove(node.id.start, node.id.end)
    const declarator = this.declaratorOf(node)
    text.overwrite(declarator.id.start, declarator.id.end, `$_${name}`)
    text.appendRight(declarator.end, `, ${name} = (...$all) => { return ${entered} }`)
  }

  private makeArrow(node: Node, declarations: string): void {
    const { text } = this, arrow = text.original.indexOf('=>', node.params.at(-1)?.end ?? node.start), bare = text.original[node.start] !== '('
    text.appendLeft(node.start, bare ? 'function* (' : 'function* ')
    text.overwrite(arrow, arrow + 2, `${bare ? ')' : ''}${node.expression ? `{${declarations} return (` : ''}`)
    if (node.expression) text.appendRight(node.end, ') }')
    else text.prependLeft(node.body.start + 1, declarations)
  }

  private declaratorOf(init: Node): Node {
    let found: Node | undefined
    visit(this.program, node => { if (node.type === 'VariableDeclarator' && node.init === init) found = node })
    return found!
  }

  /** The body of a function cannot export: the names are returned at its end. */
  private stripExports(): void {
    for (const node of this.program.body as Node[]) {
      if (/^(Import|ExportAll)Declaration$/.test(node.type) || node.source) refuse(node, IMPORT)
      if (node.type === 'ExportDefaultDeclaration') this.stripDefault(node)
      if (node.type === 'ExportNamedDeclaration') this.stripNamed(node)
    }
  }

  private stripDefault({ start, end, declaration }: Node): void {
    const { text } = this, reaches = declaration.type === 'FunctionDeclaration' && this.functions.get(declaration.id?.name ?? 'default')!.reaches
    this.exported.set('default', declaration.id?.name ?? '$default')
    if (/Declaration$/.test(declaration.type) && declaration.id) { text.remove(start, declaration.start); return }
    text.overwrite(start, declaration.start, reaches ? 'const $_default = ' : 'const $default = ')
    text.appendLeft(end, reaches ? ';const $default = (...$all) => $.enter($_default(...$all), "default");' : ';')
  }

  private stripNamed(node: Node): void {
    for (const { local, exported } of node.specifiers) this.exported.set(exported.name ?? exported.value, local.name)
    if (node.declaration === null) { this.text.remove(node.start, node.end); return }
    this.text.remove(node.start, node.declaration.start)
    const { declaration } = node
    for (const name of declaration.id ? [declaration.id.name] : declaration.declarations.flatMap(({ id }: Node) => namesIn(id))) this.exported.set(name, name)
  }
}

/** Gives names to what expressions hold while they are stopped. */
class Held {
  private readonly names = new Map<Node, string>()

  constructor(private readonly text: MagicString, private readonly scope: Scope) {}

  /** The names; undefined where something is held that cannot be given one. */
  namesFor(node: Node, parents: readonly Node[]): string[] | undefined {
    const held = heldAt(node, parents)
    return held.some(operand => this.isNameless(operand)) ? undefined : held.flatMap(operand => this.nameOf(operand, parents) ?? [])
  }

  all(): string[] { return [...this.names.values()] }

  private isNameless({ type, name, start, end }: Node): boolean {
    const { scope } = this
    return type === 'Target' && scope.isWritten(name, start, end) || type === 'Shorthand' && scope.knows(name, start) && !scope.isSteady(name, start)
  }

  /** Undefined for what is always the same. What belongs to a function around this one, that one hands over. */
  private nameOf(operand: Node, parents: readonly Node[]): string | undefined {
    const { type, name, start } = operand, { scope } = this, isVariable = /^(Identifier|Target|Shorthand)$/.test(type)
    if (/^(Literal|Super)$/.test(type) || isConstant(operand) || isVariable && !scope.knows(name, start)) return undefined
    if (isVariable && (type !== 'Identifier' || scope.isSteady(name, start))) return scope.functionOf(name, start) === undefined ? name : undefined
    return this.names.get(operand) ?? this.wrap(operand, parents)
  }

  private wrap(operand: Node, parents: readonly Node[]): string {
    const name = `$${this.names.size}`
    this.names.set(operand, name)
    this.text.prependLeft(operand.start, `${openingAt(operand, parents)}${name} = (`)
    this.text.appendRight(operand.end, '))')
    return name
  }
}

/** A parenthesis; where one would go on with the line before, which has no semicolon, a call that gives back what it is given. */
const openingAt = ({ start }: Node, parents: readonly Node[]): string =>
  parents.some(parent => parent.type === 'ExpressionStatement' && parent.start === start) ? '$.got(' : '('

const isConstant = (node: Node): boolean => node.type === 'UnaryExpression' && node.argument.type === 'Literal'
  || node.type === 'MemberExpression' && node.object.type === 'Identifier' && node.object.name === 'Atomics'
