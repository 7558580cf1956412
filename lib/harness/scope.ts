// Which variables of a function still matter at a point where it is stopped. Together with the values that an expression
// has already computed they are the whole local state of a stopped function: two threads that agree in them, and in what
// they read from here on, go the same way.

/** A node of the syntax tree, as acorn gives it. */
export interface Node { type: string, start: number, end: number, loc: { start: { line: number } }, [field: string]: any }

/** Where a node keeps its children: it is asked for them in each of many visits. */
const CHILDREN = Symbol('children')
const NONE: readonly Node[] = []
const isNode = (value: unknown): value is Node => typeof (value as Node | null | undefined)?.type === 'string'

/** The children of a node, in the order of the text. */
function childrenOf(node: Node & { [CHILDREN]?: readonly Node[] }): readonly Node[] {
  return node[CHILDREN] ??= findChildren(node)
}

function findChildren(node: Node): readonly Node[] {
  let found: Node[] | undefined
  for (const field in node) {
    const value: unknown = node[field]
    if (typeof value !== 'object' || value === null) continue
    if (!Array.isArray(value)) { if (isNode(value)) (found ??= []).push(value); continue }
    for (const child of value) if (isNode(child)) (found ??= []).push(child)
  }
  return found ?? NONE
}

/** Visits every node with its ancestors, outermost first; these are a list that changes as the visit goes on. */
export function visit(node: Node, see: (node: Node, parents: readonly Node[]) => void, parents: Node[] = []): void {
  see(node, parents)
  parents.push(node)
  for (const child of childrenOf(node)) visit(child, see, parents)
  parents.pop()
}

export const isFunction = (node: Node): boolean => /Function/.test(node.type)
const isLoop = (node: Node): boolean => /^(For|ForIn|ForOf|While|DoWhile)Statement$/.test(node.type)
const isScope = (node: Node): boolean => /^(BlockStatement|StaticBlock|SwitchStatement|CatchClause)$/.test(node.type) || isLoop(node)
const isPattern = (node: Node): boolean => /Pattern$/.test(node.type)
/** What is inside runs at another time: a function, or the fields of a class. */
const isDeferred = (node: Node): boolean => isFunction(node) || node.type === 'ClassBody'
const contains = (outer: Node, { start, end }: Node): boolean => outer.start <= start && end <= outer.end

/** What a pattern gives a value to: identifiers, and members of objects. */
export function targetsIn(pattern: Node | null): Node[] {
  switch (pattern?.type) {
    case 'Identifier': case 'MemberExpression': return [pattern]
    case 'AssignmentPattern': return targetsIn(pattern.left)
    case 'RestElement': return targetsIn(pattern.argument)
    case 'ArrayPattern': return pattern.elements.flatMap(targetsIn)
    case 'ObjectPattern': return pattern.properties.flatMap((property: Node) => targetsIn(property.type === 'RestElement' ? property : property.value))
    default: return []
  }
}

/** The names that a pattern binds. */
export const namesIn = (pattern: Node | null): string[] => targetsIn(pattern).flatMap(({ type, name }) => type === 'Identifier' ? name : [])

/** What an assignment, or the head of a loop, gives a value to. */
export function assignedBy({ type, left, argument, operator }: Node): Node[] {
  if (type === 'AssignmentExpression' || /^For(In|Of)Statement$/.test(type)) return targetsIn(left)
  return type === 'UpdateExpression' || type === 'UnaryExpression' && operator === 'delete' ? targetsIn(argument) : []
}

interface Variable {
  readonly name: string
  /** The node in which the name is known, and the position from which on it has a value. */
  readonly scope: Node
  readonly from: number
  /** The case of a switch that declares it: the other cases cannot tell whether it has a value. */
  readonly home: Node | undefined
  /** The function that it is, if it is a constant; and whether it is only called, so that it depends on other variables alone. */
  readonly fn: Node | undefined
  isOnlyCalled: boolean
  readonly reads: number[]
  /** Where it gets another value. */
  readonly writes: number[]
  /** Used by a function inside: it may be read at any time; or also changed. */
  escapes: boolean
  changesInside: boolean
}

/** The variables of one function. */
export class Scope {
  private readonly variables: Variable[] = []
  private readonly loops: Node[] = []
  /** Identifiers that declare, and those that are given a value. */
  private readonly declaring = new Set<Node>()
  private readonly assigned = new Set<Node>()

  constructor(private readonly fn: Node) {
    for (const parameter of fn.params) this.declare(parameter, fn, fn.body.start)
    if (fn.type !== 'ArrowFunctionExpression') this.add('arguments', fn, fn.body.start)
    const parts: Node[] = [...fn.params, fn.body]
    for (const part of parts) visit(part, (node, parents) => this.seeDeclaration(node, parents))
    for (const part of parts) visit(part, (node, parents) => this.seeUse(node, parents), [fn])
  }

  private declare(pattern: Node | null, scope: Node, from: number, home?: Node, init?: Node): void {
    for (const target of targetsIn(pattern)) {
      this.declaring.add(target)
      this.add(target.name, scope, from, home, init)
    }
  }

  private add(name: string, scope: Node, from: number, home?: Node, init?: Node | null): void {
    if (this.variables.some(known => known.name === name && known.scope === scope)) return
    const fn = init != null && isFunction(init) ? init : undefined
    this.variables.push({ name, scope, from, home, fn, isOnlyCalled: fn !== undefined, reads: [], writes: [], escapes: false, changesInside: false })
  }

  private seeDeclaration(node: Node, parents: readonly Node[]): void {
    for (const target of assignedBy(node)) this.assigned.add(target)
    if (parents.some(isFunction)) return
    if (isLoop(node)) this.loops.push(node)
    const scope = parents.findLast(isScope) ?? this.fn.body
    const home = scope.type === 'SwitchStatement' ? parents.findLast(({ type }) => type === 'SwitchCase') : undefined
    if (node.type === 'CatchClause') this.declare(node.param, node, node.body.start)
    if (node.type === 'ClassDeclaration') this.declare(node.id, scope, node.end, home)
    if (node.type !== 'VariableDeclaration') return
    const head = parents.at(-1)
    for (const { id, init, end } of node.declarations) {
      const from = /^For(In|Of)Statement$/.test(head?.type ?? '') && head!.left === node ? head!.body.start : end
      if (node.kind === 'var') this.declare(id, this.fn, this.fn.body.start)
      else this.declare(id, scope, from, home, node.kind === 'const' && id.type === 'Identifier' ? init : undefined)
    }
  }

  private seeUse(node: Node, parents: readonly Node[]): void {
    const parent = parents.at(-1)!
    if (node.type !== 'Identifier' || this.declaring.has(node) || isOnlyAName(node, parent)) return
    const variable = this.resolve(node.name, node.start)
    if (variable === undefined) return
    const inside = parents.slice(1).some(isDeferred), writes = this.assigned.has(node)
    if (inside) variable.escapes = true
    if (writes) variable.writes.push(node.start)
    if (writes && inside) variable.changesInside = true
    if (parent.type !== 'CallExpression' || parent.callee !== node) variable.isOnlyCalled = false
    const reads = !writes || parent.type === 'UpdateExpression' || parent.type === 'AssignmentExpression' && parent.operator !== '='
    if (reads) variable.reads.push(whenRead(node, parents))
  }

  /** The innermost variable of that name that is known at a position. */
  private resolve(name: string, at: number): Variable | undefined {
    let best: Variable | undefined
    for (const variable of this.variables) {
      if (variable.name !== name || at < variable.scope.start || at >= variable.scope.end) continue
      if (best === undefined || variable.scope.start > best.scope.start) best = variable
    }
    return best
  }

  /** Whether the name is a variable of this function that never changes once it has its value. */
  isSteady(name: string, at: number): boolean { return this.resolve(name, at)?.writes.length === 0 }
  /** Whether the name means something of this function's own. */
  knows(name: string, at: number): boolean { return this.resolve(name, at) !== undefined }
  /** The function that the name is, where it is a constant. */
  functionOf(name: string, at: number): Node | undefined { return this.resolve(name, at)?.fn }
  /** Whether a variable may get another value between two positions that follow each other. */
  isWritten(name: string, from: number, to: number): boolean {
    const variable = this.resolve(name, from)
    return variable !== undefined && (variable.changesInside || variable.writes.some(at => at > from && at < to))
  }

  /**
   * The variables that matter while the function is stopped at `node`; undefined if one of them cannot be named there, or
   * may change before the function goes on, which it may while it calls another.
   */
  liveAt(node: Node, calls: boolean): string[] | undefined {
    const live = this.variables.filter(variable => contains(variable.scope, node) && variable.from <= node.start && this.mattersAfter(variable, node))
    const known = live.every(variable => this.resolve(variable.name, node.start) === variable && !(calls && variable.changesInside)
      && (variable.home === undefined || contains(variable.home, node)))
    return known ? live.map(({ name }) => name) : undefined
  }

  private mattersAfter({ scope, reads, escapes, isOnlyCalled }: Variable, node: Node): boolean {
    if (isOnlyCalled) return false
    const around = this.loops.filter(loop => contains(loop, node) && contains(scope, loop))
    return escapes || reads.some(read => read >= node.end || around.some(loop => loop.start <= read && read <= loop.end))
  }
}

const scopes = new WeakMap<Node, Scope>()
/** The variables of a function; made once. */
export function scopeOf(fn: Node): Scope {
  if (!scopes.has(fn)) scopes.set(fn, new Scope(fn))
  return scopes.get(fn)!
}

/** A property's or a label's name is no use of a variable. */
export function isOnlyAName(node: Node, parent: Node): boolean {
  if (parent.type === 'MemberExpression') return parent.property === node && !parent.computed
  if (/^(Property|MethodDefinition|PropertyDefinition)$/.test(parent.type)) return parent.key === node && !parent.computed
  return /^(LabeledStatement|BreakStatement|ContinueStatement|MetaProperty)$/.test(parent.type) || isFunction(parent) && parent.id === node
}

/** Where in the text a use takes place: what a pattern needs is evaluated after the value that it takes apart. */
function whenRead(node: Node, parents: readonly Node[]): number {
  const around = parents.find((ancestor, n) => isTakingApart(ancestor, parents[n + 1] ?? node))
  return around?.end ?? node.start
}
const isTakingApart = (node: Node, child: Node): boolean =>
  node.type === 'VariableDeclarator' && node.id === child || node.type === 'AssignmentExpression' && node.left === child && isPattern(child)

/**
 * Whether a function that is stopped at a node holds more than variables and operands: where an iterator stands, what a
 * `finally` interrupts, what a pattern takes apart, what an optional chain hangs on.
 */
export function isOpaqueAt(node: Node, parents: readonly Node[]): boolean {
  return parents.some((ancestor, n) => isOpaque(ancestor, parents[n + 1] ?? node))
}

function isOpaque(node: Node, child: Node): boolean {
  switch (node.type) {
    case 'ForInStatement': case 'ForOfStatement': return node.right !== child
    case 'TryStatement': return node.finalizer === child
    case 'SwitchCase': return node.test === child
    case 'CatchClause': return node.param === child
    case 'Property': return node.computed && node.key === child
    case 'TaggedTemplateExpression': case 'ChainExpression': case 'ClassBody': return true
    default: return isTakingApart(node, child)
  }
}

/** What an expression has already computed, and still holds, while `node` in it is stopped; outermost first. */
export function heldAt(node: Node, parents: readonly Node[]): Node[] {
  const held: Node[] = []
  for (let n = parents.length - 1, child = node; n >= 0; child = parents[n]!, n--) {
    const parent = parents[n]!
    if (/(Statement|Declaration)$/.test(parent.type) || isFunction(parent)) break
    held.unshift(...heldBy(parent, child))
  }
  return held
}

function heldBy(parent: Node, child: Node): Node[] {
  const before = (nodes: readonly (Node | null)[]): Node[] => nodes.slice(0, nodes.indexOf(child)).flatMap(node => node === null ? [] : node)
  switch (parent.type) {
    case 'BinaryExpression': return parent.right === child ? [parent.left] : []
    case 'AssignmentExpression': return parent.right === child ? heldByTarget(parent) : []
    case 'MemberExpression': return parent.computed && parent.property === child ? [parent.object] : []
    case 'CallExpression': case 'NewExpression': return parent.callee === child ? [] : [...partsOf(parent.callee), ...before(parent.arguments).map(spread)]
    case 'ArrayExpression': return before(parent.elements).map(spread)
    case 'TemplateLiteral': return before(parent.expressions)
    case 'ObjectExpression': return before(parent.properties).flatMap(heldByProperty)
    case 'Property': return parent.computed && parent.value === child ? [parent.key] : []
    default: return []
  }
}

/** The old value of `x += ...` is still in x, unless x is changed meanwhile: a Target. */
const heldByTarget = ({ left, operator, end }: Node): Node[] =>
  left.type === 'MemberExpression' ? partsOf(left) : /^(=|\|\|=|&&=|\?\?=)$/.test(operator) ? [] : [{ ...left, type: 'Target', end }]

/** A function is as its variables are, and they are known; `{ x }` is a Shorthand, which cannot be given another name. */
function heldByProperty(property: Node): Node[] {
  if (property.type === 'SpreadElement') return [property.argument]
  if (property.shorthand) return [{ ...property.value, type: 'Shorthand' }]
  return [...property.computed ? [property.key] : [], ...isFunction(property.value) ? [] : [property.value]]
}

const spread = (node: Node): Node => node.type === 'SpreadElement' ? node.argument : node
const partsOf = (node: Node): Node[] => node.type !== 'MemberExpression' ? [node] : node.computed ? [node.object, node.property] : [node.object]
