/** Hides the values of secrets in text that people or logs will see. */
export type Mask = (text: string) => string

/**
 * Replaces each occurrence of each value by `***`, the longest first, so that a value inside another one leaves no remainder.
 * Values shorter than four characters are left: they would hide half of every text and protect nothing.
 */
export function masking(values: readonly string[]): Mask {
  const worthHiding = [...new Set(values)]
    .filter((value) => value.length >= 4)
    .sort((one, other) => other.length - one.length)
  if (worthHiding.length === 0) return (text) => text
  const pattern = new RegExp(worthHiding.map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g')
  return (text) => text.replace(pattern, '***')
}
