/** Hides the values of secrets in text that people or logs will see. */
export type Mask = (text: string) => string

/** Replaces each occurrence of each value by `***`, several side by side by one; where two begin at the same place, the one that comes first in the list. */
export function masking(values: readonly string[]): Mask {
  if (values.length === 0) return (text) => text
  const pattern = new RegExp(
    `(?:${values.map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})+`,
    'g',
  )
  return (text) => text.replace(pattern, '***')
}
