/** Where something stands in a config, and why it cannot. */
export interface Strange {
  readonly path: readonly PropertyKey[]
  readonly because: string
}

/** A little deeper than any key of the schema. */
const deepest = 6

/**
 * What the schema would take for an empty object, or not look at: dates as YAML makes them, promises, maps, and the one name that is none.
 * Throws what a getter throws.
 */
export function strangeValues(config: unknown): readonly Strange[] {
  const found: Strange[] = []
  const seen = new Set<unknown>()
  const left: (readonly [Strange['path'], unknown])[] = [[[], config]]
  for (const [path, value] of left) {
    if (typeof value !== 'object' || value === null || seen.has(value) || path.length > deepest) continue
    seen.add(value)
    const kind = Object.prototype.toString.call(value).slice('[object '.length, -1)
    if (kind !== 'Object' && kind !== 'Array') found.push({ path, because: `expected plain values, found a ${kind}` })
    if (path.length > 0 && Object.hasOwn(value, '__proto__'))
      found.push({ path: [...path, '__proto__'], because: 'cannot be a name' })
    for (const [key, inner] of Object.entries(value)) left.push([[...path, key], inner])
  }
  return found
}
