import type { Answers, NamedHost } from './answers.ts'
import { kindWords, type ProjectKind } from './project.ts'
import { written } from './written.ts'

/** The text of `tasks.config.ts`: the keys that matter for these answers, and no others. */
export function configText({ kind, directory, host, site }: Answers): string {
  const app = kind === 'django' ? { framework: 'django', ...(directory === '.' ? {} : { directory }) } : undefined
  const stages = site && { [site.stage]: site.dotenv === undefined ? {} : { dotenv: site.dotenv } }
  const sites = site && {
    [site.name]: {
      host: host?.name,
      stage: site.stage,
      aliases: site.aliases.length === 0 ? undefined : site.aliases,
    },
  }
  const parts = [
    ...(unserved[kind]
      ? [comment(`tasks deploy serves Django alone so far; the rest of tasks works for ${kindWords[kind]}, too.`)]
      : []),
    ...(app ? [entry('app', app)] : []),
    ...(host ? [...hostComments(host), entry('hosts', { [host.name]: settingsOf(host) })] : []),
    ...(site?.dotenv === undefined
      ? []
      : [comment('The environment of its sites: a file that stays on your machine, out of git.')]),
    ...(stages ? [entry('stages', stages)] : []),
    ...(sites ? [entry('sites', sites)] : []),
    ...(host ? [] : [comment(`hosts: { web1: { address: '203.0.113.10', user: 'elspeth' } },`)]),
  ]
  return `import { defineConfig } from 'tasks-ssh'

// What else may stand here: tasks docs
export default defineConfig({
${parts.join('')}})
`
}

/** Frameworks that are found, and not served yet. */
const unserved: Readonly<Record<ProjectKind, boolean>> = {
  django: false,
  rails: true,
  flask: true,
  procfile: true,
  none: false,
}

function settingsOf({ address, port, user }: NamedHost): Omit<NamedHost, 'name'> {
  return { address, port, user }
}

function hostComments({ address }: NamedHost): readonly string[] {
  return address === undefined ? [comment('Its address is what ssh knows it by, or a sandbox host of this name.')] : []
}

function comment(text: string): string {
  return `  // ${text}\n`
}

function entry(key: string, value: object): string {
  return `  ${key}: ${written(value, 2, key.length + 2)},\n`
}

/** The text of `tasks/hello.ts`, which runs on any host, and leaves one small file there. */
export const exampleTask = `import { content, defineTask, file, param } from 'tasks-ssh'

// A task of your own. Every task that a module in this folder exports stands beside the built-in ones: run "tasks".
export const hello = defineTask({
  name: 'hello',
  summary: 'Leave a greeting on a host',
  params: { whom: param.text({ default: 'world', summary: 'who is greeted', placeholder: 'NAME' }) },
  // Steps say what should be so. Each is looked at first, and done where it is not so yet.
  steps: ({ params }) => [
    file({ path: '/var/tmp/hello.txt', content: content(\`Hello, \${params.whom}!\\n\`) }),
  ],
})
`

/** The text of a stage's dotenv file that has nothing in it yet. */
export function dotenvText(site: string): string {
  return `# The environment of ${site}, such as EMAIL_HOST_PASSWORD='correct horse'. Keep it out of git.\n`
}
