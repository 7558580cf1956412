// What a function hands over where it is stopped: exactly what its further way depends on.

import { parse } from 'acorn'
import { describe, expect, it } from 'vitest'
import { instrument } from '../../lib/harness/instrument'
import { type Node, isFunction, namesIn, scopeOf, targetsIn, visit } from '../../lib/harness/scope'

/** The text of an expression as it was written: an access as L, nothing given a name. */
function original(text: string): string {
  let before = '', after = text.replaceAll(/\(?yield \$\.at\(\$\.load\(cells, 0\), (\$\.unique\(\)|[^()])*\)\)?/g, 'L')
  while (before !== after) [before, after] = [after, after.replaceAll(/\(\$\d+ = \(([^()]*)\)\)/g, '$1')]
  return after
}

/** For each stop of a function, in the order of the text, what is handed over: variables, and operands as `held text`. */
function captured(body: string, more = ''): string[][] {
  const { text } = instrument(`export function run(cells, x, y) {${body}}\n${more}`)
  const program = parse(text, { ecmaVersion: 'latest', allowReturnOutsideFunction: true }) as unknown as Node, stops: string[][] = []
  const textOf = ({ start, end }: Node): string => original(text.slice(start, end)), held = new Map<string, string>()
  visit(program, (node, parents) => {
    const name = (of: string): string => `${parents.findLast(isFunction)?.start} ${of}`
    if (node.type === 'AssignmentExpression' && /^\$\d+$/.test(node.left.name ?? '')) held.set(name(node.left.name), `held ${textOf(node.right)}`)
    const isStop = node.type === 'CallExpression' && node.callee.type === 'MemberExpression' && node.callee.object.name === '$'
      && /^(at|call)$/.test(node.callee.property.name)
    if (isStop) stops.push(node.arguments.slice(2).map(textOf).map((operand: string) => held.get(name(operand)) ?? operand))
  })
  return stops
}

const LOAD = 'Atomics.load(cells, 0)'
const UNIQUE = ['$.unique()']
/** What is captured at the stops of a snippet in which L is a load. */
const at = (body: string, more?: string): string[][] => captured(body.replaceAll(/\bL\b/g, LOAD), more?.replaceAll(/\bL\b/g, LOAD))

describe('variables', () => {
  it('are handed over if they are read afterwards, and not if they were read before', () => {
    expect(at('let a = x + 1, b = a * y; L; return b')).toEqual([['b']])
    expect(at('const a = x; L; L; return a')).toEqual([['cells', 'a'], ['a']])
    expect(at('L; return x')).toEqual([['x']])
    expect(at('L')).toEqual([[]])
  })

  it('are the view too, where it is used again', () => {
    expect(at('L; return L')).toEqual([['cells'], []])
  })

  it('are not those that only get a value afterwards', () => {
    expect(at('let a = L; a = y; return a')).toEqual([['y']])
    expect(at('let a = 1; a += 2; L; a = 3')).toEqual([[]])
    expect(at('const a = L, b = L; return [a, b]')).toEqual([['cells'], ['a']])
  })

  it('are also those that get another value before they are read: too much does no harm', () => {
    expect(at('let a; a = L; return a')).toEqual([['a']])
  })

  it('are those that were declared before, in the same declaration', () => {
    expect(at('const a = x, b = L, c = 1; return a + b + c')).toEqual([['a']])
  })

  it('in a loop matter if anything in the loop reads them', () => {
    expect(at('let n = 0; while (n < 3) { n++; L }')).toEqual([['cells', 'n']])
    expect(at('let n = 0; do { L } while (n++ < 3)')).toEqual([['cells', 'n']])
    expect(at('let seen = x; for (;;) { if (seen === 3) break; seen = L } return y')).toEqual([['cells', 'y', 'seen']])
    expect(at('for (;;) { const a = x; if (a) break; L }')).toEqual([['cells', 'x']])
  })

  it('of the head of a loop are known in the loop', () => {
    expect(at('for (let i = 0, n = y; i < n; i++) { L }')).toEqual([['cells', 'y', 'i', 'n']])
    expect(at('for (let i = 0, n = L; i < n; i++) x++')).toEqual([['cells', 'x', 'i']])
    expect(at('for (let i = L; i < 3; i++) { let j = i; L; j++ }')).toEqual([['cells'], ['cells', 'i', 'j']])
    expect(at('for (var i = 0; i < 3; i++) L')).toEqual([['cells', 'i']])
  })

  it('of an outer loop matter to an inner one, and labels change nothing', () => {
    expect(at('outer: for (let i = 0; i < 2; i++) for (let j = 0; j < 2; j++) { if (L) continue outer }')).toEqual([['cells', 'i', 'j']])
  })

  it('that are hidden by others of the same name cannot be named: such stops are like no other', () => {
    expect(at('{ const x = 1; L; y = x } return x')).toEqual([UNIQUE])
    expect(at('{ const x = 1; L; y = x } return y')).toEqual([['y', 'x']])
    expect(at('{ const a = 1; L; y = a } { const a = 2; L; x(a) } return y')).toEqual([['cells', 'x', 'y', 'a'], ['x', 'y', 'a']])
  })

  it('declared by var are known everywhere', () => {
    expect(at('if (x) { var a = 1 } L; return a')).toEqual([['a']])
    expect(at('L; var a = 1; return a')).toEqual([['a']])
  })

  it('that a function inside uses always matter', () => {
    expect(at('let a = 1; const f = () => a; L; return f()')).toEqual([['a']])
    expect(at('let a = 1; f(); L; function f() { return a } return y')).toEqual([['y', 'a']])
    expect(at('const f = () => x; L; return f')).toEqual([['x', 'f']])
  })

  it('that a function inside changes may change while another function runs', () => {
    const helper = 'function go(cells, f) { f(); return L }'
    expect(at('let n = 0; go(cells, () => { n++ }); return n', helper)).toEqual([UNIQUE, []])
    expect(at('let n = 0; const f = () => { n++ }; L; f(); return n')).toEqual([['n']])
    expect(at('let n = 0; go(cells, () => n); return n', helper)).toEqual([['n'], []])
  })

  it('in the fields of a class are used when an object is made', () => {
    expect(at('let a = x; class A { b = a }; L; return new A()')).toEqual([['a', 'A']])
  })

  it('are those of a catch clause, and what the finalizer and the catch clause need', () => {
    expect(at('try { L } catch (error) { L; return error } return 1')).toEqual([['cells'], ['error']])
    expect(at('try { L } finally { x++ }')).toEqual([['x']])
  })

  it('that patterns bind are known behind the pattern', () => {
    expect(at('const { a, b: [c], ...d } = x; L; return [a, c, d]')).toEqual([['a', 'c', 'd']])
    expect(at('let a; [a] = [x]; L; return a')).toEqual([['a']])
    expect(at('const [a = y] = x; L; return a')).toEqual([['a']])
  })

  it('that a pattern needs are read behind its value', () => {
    expect(at('const a = {}; [a[x]] = [L]')).toEqual([['x', 'a']])
    expect(at('const { [x]: a = y } = { [x]: L }; return a')).toEqual([['x', 'y']])
    expect(at('let k = 1; ({ [k]: x } = { b: L }); return x')).toEqual([['x', 'k']])
  })

  it('are the arguments as such', () => {
    expect(at('L; return arguments.length')).toEqual([['arguments']])
    expect(at('const f = () => arguments[1]; L; return f()')).toEqual([['arguments']])
  })

  it('of a default value are those of the function', () => {
    const source = `export function run(cells, a, f = () => a) { a++; ${LOAD}; return f() }`
    expect(instrument(source).text).toContain('$.at($.load(cells, 0), 0, a, f)')
  })

  it('of another case of a switch may have no value: such stops are like no other', () => {
    expect(at('switch (x) { case 0: let a = 1; L; case 1: L; if (x === 0) return a }')).toEqual([['cells', 'x', 'a'], UNIQUE])
    expect(at('switch (x) { case 0: let a = 1; L; return a; case 1: L }')).toEqual([['cells', 'a'], []])
  })

  it('that are constant functions, and only called, are what their own variables are', () => {
    expect(at('const a = x, f = () => a; for (;;) { f(); L }')).toEqual([['cells', 'a']])
    expect(at('const f = () => 1; for (;;) { y(f); L }')).toEqual([['cells', 'y', 'f']])
    expect(at('let f = () => 1; for (;;) { f(); L }')).toEqual([['cells', 'f']])
  })

  it('of a nested function are its own; those around it the caller hands over', () => {
    expect(at('let a = x; const get = i => { const b = i; return L + b + a }; return get(y) + a')).toEqual([['b'], ['cells', 'a']])
  })

  it('are not the names of properties and labels', () => {
    expect(at('x: for (;;) { if (L) break x }')).toEqual([['cells']])
    expect(at('L; return { x: 1, y() { return 2 } }.x')).toEqual([[]])
    expect(at('L; return { x }')).toEqual([['x']])
  })
})

describe('operands', () => {
  it('are held by binary expressions', () => {
    expect(at('return x * 2 + L')).toEqual([['held x * 2']])
    expect(at('return L + L')).toEqual([['cells'], ['held L']])
    expect(at('return (L + L) * L')).toEqual([['cells'], ['cells', 'held L'], ['held L + L']])
    expect(at('return 1 + L')).toEqual([[]])
    expect(at('return x + L')).toEqual([['x']])
    expect(at('return x + (x = L)')).toEqual([['held x']])
    expect(at('return -1 + L')).toEqual([[]])
  })

  it('are not held by what has already decided', () => {
    expect(at('return x && L')).toEqual([[]])
    expect(at('return x ? L : y')).toEqual([['y']])
    expect(at('return x ?? L')).toEqual([[]])
    expect(at('return (x, L)')).toEqual([[]])
  })

  it('are the arguments before the stop, the object of a method, and the function if it is a variable', () => {
    expect(at('return y.slice(x + 1, L, x)')).toEqual([['x', 'y', 'held x + 1']])
    expect(at('return y[x](L)')).toEqual([['y', 'x']])
    expect(at('let f = x; if (L) f = y; return f(L)')).toEqual([['cells', 'y', 'f'], ['held f']])
    expect(at('return Math.max(x * x, L)')).toEqual([['held x * x']])
    expect(at('return new x(y + 1, L)')).toEqual([['x', 'held y + 1']])
    expect(at('return y(...x, L)')).toEqual([['y', 'x']])
    expect(at('return y(...x.a, L)')).toEqual([['y', 'held x.a']])
    expect(at('return (x ? y : 1)(L)')).toEqual([['held x ? y : 1']])
  })

  it('are the arguments of a function that stops', () => {
    expect(at('return get(cells, x + 1, L)', 'function get(cells, a, b) { return a + b + L }')).toEqual([[], ['cells', 'held x + 1'], ['held a + b']])
  })

  it('are the elements of arrays, holes left out, and the values of objects', () => {
    expect(at('return [x + 1, , y, L]')).toEqual([['held x + 1', 'y']])
    expect(at('return [...x, L]')).toEqual([['x']])
    expect(at('return { a: x + 1, [y]: 2, ...x, b: L }')).toEqual([['held x + 1', 'y', 'x']])
    expect(at('return { [x + 1]: L }')).toEqual([['held x + 1']])
    expect(at('return { x, f() { return 1 }, b: L }')).toEqual([['x']])
  })

  it('in a shorthand property have no place for another name: such stops are like no other', () => {
    expect(at('x++; return { x, b: L }')).toEqual([UNIQUE])
  })

  it('are the parts of templates', () => {
    expect(at('return `${x + 1}-${L}`')).toEqual([['held x + 1']])
  })

  it('are the object and the key of what is assigned to', () => {
    expect(at('const a = []; a[x + 1] = L; return a')).toEqual([['a', 'held x + 1']])
    expect(at('x.a = L')).toEqual([['x']])
    expect(at('x.a.b += L')).toEqual([['held x.a']])
    expect(at('return y[L]')).toEqual([['y']])
  })

  it('are the old value of a variable that is added to, unless that changes meanwhile', () => {
    expect(at('x += L; return x')).toEqual([['x']])
    expect(at('x += (x = 5, L); return x')).toEqual([UNIQUE])
    expect(at('x += ((() => { x = 1 })(), L); return x')).toEqual([UNIQUE])
    expect(at('x ||= L')).toEqual([[]])
  })

  it('are whole expressions in parentheses', () => {
    expect(at('return (x, y) + L')).toEqual([['held x, y']])
    expect(at('return (x = 5) + L')).toEqual([['held x = 5']])
  })

  it('are those of the whole statement, outermost first', () => {
    expect(at('return [x + 1, y.max(x + 2, `${x + 3}${L}`)]')).toEqual([['held x + 1', 'y', 'held x + 2', 'held x + 3']])
  })
})

describe('where more is held than can be named', () => {
  it.each([
    ['the body of for-of', 'for (const a of x) L'],
    ['the body of for-in', 'for (const a in x) L'],
    ['the target of for-of', 'for (x[L] of y);'],
    ['a finalizer', 'try { x() } finally { L }'],
    ['the test of a case', 'switch (x) { case L: }'],
    ['a pattern', 'const { a, b = L } = x'],
    ['a key in a pattern', 'const { [L]: a } = x'],
    ['a pattern that is assigned to', '[x = L] = y'],
    ['a catch pattern', 'try { x() } catch ({ a = L }) {}'],
    ['an optional chain', 'return x?.f(L)'],
    ['a computed key', 'return { a: x, [L]: y }'],
    ['a tagged template', 'return x`${L}`'],
  ])('%s: each stop is like no other', (_, body) => { expect(at(body)).toEqual([UNIQUE]) })

  it('does not reach further than that', () => {
    expect(at('for (const a of x) y++; L')).toEqual([[]])
    expect(at('for (const a of [L]) y++; return x')).toEqual([['cells', 'x', 'y']])
    expect(at('try { L } finally { y++ } return x')).toEqual([['x', 'y']])
    expect(at('switch (L) { case 0: return x; default: L }')).toEqual([['cells', 'x'], []])
    expect(at('return x?.f(1) + L')).toEqual([['held x?.f(1)']])
  })
})

describe('the scope of a function', () => {
  const scope = (source: string): ReturnType<typeof scopeOf> => scopeOf((parse(source, { ecmaVersion: 'latest', locations: true }) as unknown as Node).body[0])

  it('knows which variables never change', () => {
    const source = 'function f(a, b, { c }) { b++; const d = 1; let e = 2; { let a = 3; a = 4 } [e] = [d]; for (c of a); }', of = scope(source),
      end = source.length - 2
    expect(['a', 'b', 'c', 'd', 'e'].map(name => of.isSteady(name, end))).toEqual([true, false, false, true, false])
    expect([of.knows('a', end), of.knows('f', end), of.isSteady('a', source.indexOf('a = 3'))]).toEqual([true, false, false])
  })

  it('is made once', () => {
    const fn = (parse('function f() {}', { ecmaVersion: 'latest', locations: true }) as unknown as Node).body[0] as Node
    expect(scopeOf(fn)).toBe(scopeOf(fn))
  })
})

describe('patterns', () => {
  const pattern = (source: string): Node => (parse(`(${source} = x)`, { ecmaVersion: 'latest' }) as unknown as Node).body[0].expression.left

  it('bind names, and give values to members too', () => {
    expect(namesIn(pattern('[a, , b = 1, ...[c]]'))).toEqual(['a', 'b', 'c'])
    expect(namesIn(pattern('{ a, b: { c }, [d]: e = f, ...g }'))).toEqual(['a', 'c', 'e', 'g'])
    expect(namesIn(null)).toEqual([])
    expect(targetsIn(pattern('[a.b, c[0]]')).map(({ type }) => type)).toEqual(['MemberExpression', 'MemberExpression'])
  })
})
