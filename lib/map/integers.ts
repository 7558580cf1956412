// Which numbers the map holds in the slots themselves.

export const isInteger = (value: unknown): value is number => typeof value === 'number' && (value | 0) === value
/** As a value -0 is not 0: only the value's own encoding tells them apart. */
export const isIntegerValue = (value: unknown): value is number => isInteger(value) && (value !== 0 || 1 / value > 0)
