// The AST pass: the built file, with every function that reaches shared memory turned into a generator that stops before
// each access. Only insertions are made, so that statements, lines and order stay those of the shipped file.
//
// Law: at each stop the code hands over all that its further way depends on: the live variables, and what the expressions
// it is in have computed so far, for every function on the stack. So threads that have come to the same point by different
// ways, but cannot differ from here on, are recognized as one. What cannot be handed over is refused, with its line; what
// cannot be seen in the text (an alias of a view, a function called as a value) the runtime refuses when it happens.

import { parse } from 'acorn'
import MagicString from 'magic-string'
import { type Node, type Scope, assignedBy, heldAt, isFunction, isOpaqueAt, namesIn, scopeOf, visit } from './scope'
import { type Fn, type Functions, type Use, IMPORT, OF_A_VIEW, atomicsMethod, examine, functionsIn, refuse, viewName } from './survey'

/** A place in the checked file where a function can stop. */
export interface Site { readonly line: number, readonly fn: string }

/** What the pass makes of a file. */
export interface Instrumented {
  /** The body of a function of one parameter, `$`, that returns the module's exports. */
  readonly text: string
  readonly sites: readonly Site[]
}

/** What was made last: systems that differ in other things than their file are often made one after the other. */
let last: { readonly source: string, readonly plain: string, readonly made: Instrumented } | undefined

/** Turns the text of a module into stepped code. `plain` names the functions that may read and write a shared view plainly. */
export function instrument(source: string, plain: readonly string[] = []): Instrumented {
  if (last?.source !== source || last.plain !== plain.join()) last = { source, plain: plain.join(), made: new Pass(source, plain).run() }
  return last.made
}

/** The text of a module as the body of a function that returns its exports, and otherwise untouched. */
export function stripModule(source: string): string { return new Pass(source, []).strip() }

/** The tree that was parsed last: a module is instrumented, and then stripped. No pass changes it. */
let tree: { readonly source: string, readonly program: Node } | undefined

function parsed(source: string): Node {
  if (tree?.source !== source) tree = { source, program: parse(source, { ecmaVersion: 'latest', sourceType: 'module', locations: true }) as unknown as Node }
  return tree.program
}

class Pass {
  private readonly program: Node
  private readonly text: MagicString
  private readonly functions: Functions
  private readonly sites: Site[] = []
  private readonly exported = new Map<string, string>()

  constructor(source: string, private readonly plain: readonly string[]) {
    this.program = parsed(source)
    this.text = new MagicString(source)
    this.functions = functionsIn(this.program)
  }

  run(): Instrumented {
    const { program, functions } = this
    this.rewritePlainAccesses(examine(program, functions))
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
