/** A value of a config as a person would write it: on one line where it fits, else a line for each of its parts. */
export function written(value: unknown, indent: number, before = 0): string {
  if (typeof value === 'string') return literal(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  const parts = Object.entries(value).filter(([, inner]) => inner !== undefined)
  const name = (key: string) => (Array.isArray(value) ? '' : `${keyOf(key)}: `)
  const inline = parts.map(([key, inner]) => name(key) + written(inner, 0, Number.NEGATIVE_INFINITY)).join(', ')
  const pad = Array.isArray(value) || inline === '' ? '' : ' '
  const line = `${open}${pad}${inline}${pad}${close}`
  if (indent + before + line.length < widest) return line
  const lines = parts.map(([key, inner]) => {
    const start = name(key)
    return `${' '.repeat(indent + 2)}${start}${written(inner, indent + 2, start.length)},\n`
  })
  return `${open}\n${lines.join('')}${' '.repeat(indent)}${close}`
}

const widest = 100

/** A text of TypeScript, whatever is in it. */
export function literal(text: string): string {
  const inside = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inside.replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`)}'`
}

function keyOf(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : literal(key)
}
