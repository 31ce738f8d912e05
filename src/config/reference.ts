import type { z } from 'zod'
import { keyComments } from './key-comments.ts'
import { configSchema } from './schema.ts'
import { partsOf, unwrapped } from './schema-parts.ts'

/** A key of the config, and what there is to say of it. */
export interface ReferenceKey {
  readonly name: string
  /** In words: `text`, `list of texts`, `"ssh2" or "openssh"`. */
  readonly type: string
  /** As one would write it; undefined where there is none. */
  readonly usual: string | undefined
  readonly isNeeded: boolean
  readonly words: string
}

/** One of the config's own keys, and those below it. */
export interface ReferenceSection {
  readonly name: string
  readonly words: string
  /** The keys stand below names of a person's choice. */
  readonly hasNames: boolean
  readonly keys: readonly ReferenceKey[]
}

/** What a config may say: what each key takes, from the schema, and the words beside it in config.ts. */
export function configReference(): readonly ReferenceSection[] {
  const words = keyComments()
  return Object.entries(partsOf(configSchema).shape ?? {}).map(([name, schema]) => section(name, schema, words))
}

function section(name: string, schema: z.core.$ZodType, words: ReadonlyMap<string, string>): ReferenceSection {
  const whole = unwrapped(schema)
  const record = partsOf(whole).valueType
  const wordsOf = (key: string) => words.get(`${name.replace(/s$/, '')}.${key}`) ?? words.get(`${name}.${key}`) ?? ''
  const keys = Object.entries(partsOf(record ?? whole).shape ?? {}).map(([key, one]) => ({
    name: key,
    ...valueWords(one),
    words: wordsOf(key),
  }))
  return { name, words: words.get(`config.${name}`) ?? '', hasNames: record !== undefined && keys.length > 0, keys }
}

function valueWords(schema: z.core.$ZodType): Pick<ReferenceKey, 'type' | 'usual' | 'isNeeded'> {
  const { defaultValue, type } = partsOf(schema)
  return {
    type: typeOf(unwrapped(schema)),
    usual: type === 'default' ? JSON.stringify(defaultValue) : undefined,
    isNeeded: type !== 'default' && type !== 'optional',
  }
}

function typeOf(schema: z.core.$ZodType): string {
  const { type, element, entries, valueType } = partsOf(schema)
  if (type === 'record' && valueType !== undefined) return `${typeOf(unwrapped(valueType))}s by name`
  if (type === 'array' && element !== undefined) return `list of ${typeOf(unwrapped(element))}s`
  if (type === 'enum')
    return Object.values(entries ?? {})
      .map((value) => JSON.stringify(value))
      .join(' or ')
  if (type === 'boolean') return 'true or false'
  return type === 'number' ? 'number' : 'text'
}
