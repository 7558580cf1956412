// Bytes as text, so that a module can carry them: any bundler takes it, and no server has to know their type. A byte below
// 88 is one character, any other two, the first of which says how much to add. Most bytes of code are small, and stay whole,
// so that a server can compress them nearly as well as the bytes themselves.

/** The characters: none that a string of any kind would have to escape. The last two only say what to add. */
export const DIGITS = ' !#%&()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~'
const ONES = DIGITS.length - 2

/** The text that stands for bytes: for `build.mjs`. O(length). */
export function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte < ONES ? DIGITS[byte]! : DIGITS[ONES - 1 + Math.floor(byte / ONES)]! + DIGITS[byte % ONES]!).join('')
}

/** The bytes that a text stands for. O(length). */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length)
  let length = 0, above = 0
  for (let i = 0; i < text.length; i++) {
    const digit = DIGITS.indexOf(text[i]!)
    if (digit < ONES) {
      bytes[length++] = above + digit
      above = 0
    } else above = (digit - ONES + 1) * ONES
  }
  return bytes.slice(0, length)
}
