/** An argument as people read it; a secret stays one. */
export function argumentWords(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (Array.isArray(value)) return value.map(argumentWords).join(', ')
  if (typeof value === 'object') return '***'
  return value === true ? 'yes' : String(value)
}
