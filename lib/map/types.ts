// What a map holds, as types.

/** What can be a key where the map has no codec for its keys. */
export type Key = string | number | bigint | boolean | null | undefined | Uint8Array

/** What can be a value where the map has no codec for its values, as far as types can tell it of any object. */
export type Value = Key | Plain | { readonly [name: string]: unknown }

/** An object or array that JSON may hold: none of the language's own classes. What it has inside is looked at when it is set. */
export type Plain = object & {
  readonly [Symbol.hasInstance]?: never
  readonly [Symbol.match]?: never
  readonly [Symbol.toPrimitive]?: never
  readonly [Symbol.toStringTag]?: never
}

/** A type of values, if a map can hold it without a codec: `V extends Held<V>`. */
export type Held<V> = Key | Plain & { [P in keyof V]: HeldInside<V[P]> }

/** The same inside an object or array, where there are no bigints and no bytes. */
export type HeldInside<V> = unknown extends V ? V
  : V extends string | number | boolean | null | undefined ? V
  : V extends bigint | symbol | Uint8Array | ((...args: never) => unknown) ? never
  : V extends object ? { [P in keyof V]: HeldInside<V[P]> }
  : never

/** What a method takes as a value: anything of its type that is no token, also where the type is `unknown`. */
export type Given<V> = 0 extends 1 & V ? V : unknown extends V ? string | number | bigint | boolean | object | null | undefined : V

