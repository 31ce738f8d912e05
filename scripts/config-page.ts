import { readFileSync } from 'node:fs'
import ts from 'typescript'
import type { z } from 'zod'
import { configSchema } from '../src/config/schema.ts'

/** The page docs/config.md: what each key is, from the schema, and the words beside it in src/config/config.ts. */
export function configPage(): string {
  const words = keyComments()
  const top = partsOf(configSchema).shape ?? {}
  const sections = Object.entries(top).map(([name, schema]) => section(name, schema, words))
  return [introduction, ...sections].join('\n\n').concat('\n')
}

const introduction = `<!-- Made from src/config/config.ts and schema.ts by \`npm run docs\`. -->

# The config

\`\`\`ts
// tasks.config.ts
import { defineConfig } from 'tasks-ssh'

export default defineConfig({
  hosts: { web1: { address: '203.0.113.10', user: 'elspeth' } },
  stages: { staging: { dotenv: '.env.staging' }, production: { dotenv: '.env.production' } },
  sites: {
    'staging.example.com': { host: 'web1', stage: 'staging' },
    'example.com': { host: 'web1', stage: 'production', aliases: ['www.example.com'] },
  },
})
\`\`\`

None is needed where there is a \`manage.py\`: \`tasks deploy --site staging.example.com --host elspeth@203.0.113.10\`.

The nearest of these is taken, in the current folder or above it: \`tasks.config.ts\` (\`.mts\`, \`.js\`, \`.mjs\`, \`.json\`, \`.yaml\`), \`.tasksrc\`
(\`.json\`, \`.yaml\`), the key \`tasks\` of a \`package.json\`. \`--config FILE\` takes another. What a flag says goes before what the config says, and
that before what is detected. A TypeScript config may import other files; \`tasks-ssh\` need not be installed beside it.
Compiled configs are kept in \`~/.cache/tasks-ssh\`, which nobody else can write to, and are made anew when the source differs.

A key that is not below is refused.`

interface Key {
  readonly name: string
  readonly type: string
  readonly usual: string
  readonly words: string
}

function section(name: string, schema: z.core.$ZodType, words: ReadonlyMap<string, string>): string {
  const whole = unwrapped(schema)
  const record = partsOf(whole).valueType
  const keys = Object.entries(partsOf(record ?? whole).shape ?? {}).map(([key, one]) =>
    keyOf(name, { key, schema: one, words }),
  )
  if (keys.length === 0) return `## ${name}\n\n${words.get(`config.${name}`) ?? ''}`
  const rows = keys.map((key) => `| \`${key.name}\` | ${key.type} | ${key.usual} | ${key.words} |`)
  const each = record === undefined ? '' : ' Under each name:'
  return [
    `## ${name}`,
    '',
    `${words.get(`config.${name}`) ?? ''}${each}`,
    '',
    '| key | what | default | meaning |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')
}

function keyOf(
  section: string,
  {
    key,
    schema,
    words,
  }: { readonly key: string; readonly schema: z.core.$ZodType; readonly words: ReadonlyMap<string, string> },
): Key {
  const { defaultValue, type } = partsOf(schema)
  const usual = type === 'default' ? `\`${JSON.stringify(defaultValue)}\`` : type === 'optional' ? '' : 'needed'
  return {
    name: key,
    type: typeOf(unwrapped(schema)),
    usual,
    words: words.get(`${section.replace(/s$/, '')}.${key}`) ?? words.get(`${section}.${key}`) ?? '',
  }
}

function typeOf(schema: z.core.$ZodType): string {
  const { type, element, entries } = partsOf(schema)
  if (type === 'array' && element !== undefined) return `list of ${typeOf(element)}s`
  if (type === 'enum')
    return Object.values(entries ?? {})
      .map((value) => `\`${JSON.stringify(value)}\``)
      .join(' or ')
  if (type === 'boolean') return 'true or false'
  return type === 'number' ? 'number' : 'text'
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType, in: before } = partsOf(schema)
  const inner = innerType ?? before
  return inner === undefined ? schema : unwrapped(inner)
}

interface Parts {
  readonly type: string
  readonly innerType?: z.core.$ZodType
  /** What a transformed value was made of. */
  readonly in?: z.core.$ZodType
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>
  readonly valueType?: z.core.$ZodType
  readonly element?: z.core.$ZodType
  readonly entries?: Readonly<Record<string, string>>
  readonly defaultValue?: unknown
}

function partsOf(schema: z.core.$ZodType): Parts {
  return schema._zod.def as unknown as Parts
}

/** The comment of each key of the config, by the interface that it stands in: `host.port`. */
export function keyComments(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL('../src/config/config.ts', import.meta.url), 'utf8')
  const source = ts.createSourceFile('config.ts', text, ts.ScriptTarget.Latest, true)
  const words = new Map<string, string>()
  for (const shape of source.statements.filter(ts.isInterfaceDeclaration)) {
    const owner = shape.name.text.replace(/(?<=.)Config$/, '').toLowerCase()
    for (const member of shape.members) {
      const comments = ts.getJSDocCommentsAndTags(member).map((one) => ts.getTextOfJSDocComment(one.comment) ?? '')
      words.set(`${owner}.${member.name?.getText() ?? ''}`, comments.join(' ').replace(/\s+/g, ' '))
    }
  }
  return words
}
