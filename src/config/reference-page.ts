import { configReference, type ReferenceKey, type ReferenceSection } from './reference.ts'

/** The page docs/config.md. */
export function configPage(): string {
  return [madeFrom, introduction, ...configReference().map(section)].join('\n\n').concat('\n')
}

const madeFrom = '<!-- Made from src/config/config.ts and schema.ts by `npm run docs`. -->'

/** How a config looks and where it is found: what stands before its keys. */
export const introduction = `# The config

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
Compiled configs are kept in \`~/.cache/tasks-ssh\`, which nobody else can write to, and are made anew when the source differs. What Node compiles
of the program lies beside them; the folder may be removed at any time.

A key that is not below is refused.`

/** What a section is about, and under what its keys stand. */
export function sectionWords({ words, hasNames }: ReferenceSection): string {
  return `${words}${hasNames ? ' Under each name:' : ''}`
}

function section(one: ReferenceSection): string {
  if (one.keys.length === 0) return `## ${one.name}\n\n${one.words}`
  const head = ['| key | what | default | meaning |', '|---|---|---|---|']
  return [`## ${one.name}`, '', sectionWords(one), '', ...head, ...one.keys.map(row)].join('\n')
}

function row({ name, type, usual, isNeeded, words }: ReferenceKey): string {
  const value = usual === undefined ? (isNeeded ? 'needed' : '') : `\`${usual}\``
  return `| \`${name}\` | ${type.replace(/"[^"]*"/g, '`$&`')} | ${value} | ${words} |`
}
