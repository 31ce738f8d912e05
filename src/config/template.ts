import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Template as Compiled, Environment } from 'nunjucks'
import { TasksError } from '../core/errors.ts'

/** A template and where it is from. */
export interface Template {
  readonly name: string
  /** Absolute path, for messages. */
  readonly path: string
  readonly text: string
}

/** Finds a template by name: in the project's own `deploy_tools/` first, then in the package's. Throws a TasksError (`config`). */
export function loadTemplate(name: string, { projectRoot }: { readonly projectRoot: string }): Template {
  const folders = [join(projectRoot, 'deploy_tools'), packageTemplates()]
  const path = folders.map((folder) => join(folder, name)).find((candidate) => existsSync(candidate))
  if (path === undefined || !/^[\w-][\w.-]*$/.test(name)) {
    throw new TasksError({
      code: 'config',
      message: `Cannot find the template "${name}", because neither ${folders.join(' nor ')} has it.`,
    })
  }
  return { name, path, text: readFileSync(path, 'utf8') }
}

/**
 * Fills in a template. What is undefined anywhere in it (also in a condition or a loop) is an error that names the template,
 * the line and the variable; nothing is escaped, since the text is no HTML. Throws a TasksError (`config`).
 */
export function renderTemplate(
  text: string,
  variables: Readonly<Record<string, unknown>>,
  nameForMessages: string,
): string {
  const missing: string[] = [] // nunjucks keeps of a thrown error only its message
  const guard = guardThatTells((path) => missing.push(path))
  known ??= strictEnvironment()
  // It copies the variables, so a guard around them would be lost; a name that is none of them is looked for among the globals.
  known.environment.globals = guard(known.globals, '')
  try {
    return compiled(text, known).render(definedOnly(guardedItems(variables, '', guard)))
  } catch (error) {
    throw explained(error, { missing: missing[0], text, name: nameForMessages })
  }
}

interface Known {
  readonly environment: Environment & { globals: object } // @types/nunjucks leaves it out
  readonly globals: object
  /** By their texts. */
  readonly templates: Map<string, Compiled>
}

/** Made once: the same templates are filled in for each host. */
let known: Known | undefined

function strictEnvironment(): Known {
  const options = { autoescape: false, throwOnUndefined: true, trimBlocks: true, lstripBlocks: true }
  const environment = new Environment(null, options) as Known['environment']
  return { environment, globals: environment.globals, templates: new Map() }
}

function compiled(text: string, { environment, templates }: Known): Compiled {
  const template = templates.get(text) ?? new Compiled(text, environment)
  templates.set(text, template)
  return template
}

type Guard = <T extends object>(value: T, prefix: string) => T

/** An object that has every name, and complains when one is asked for that it does not really have. */
function guardThatTells(tell: (path: string) => void): Guard {
  return (value, prefix) =>
    new Proxy(value, {
      has: () => true,
      get: (target, key, receiver) => {
        const found: unknown = Reflect.get(target, key, receiver)
        if (typeof key === 'symbol' || (found !== undefined && found !== null)) return found
        tell(prefix + key)
        throw new Error(`${prefix}${key} is undefined`)
      },
    })
}

function guardedItems(value: object, path: string, guard: Guard): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, guarded(item, path === '' ? key : `${path}.${key}`, guard)]),
  )
}

function guarded(item: unknown, path: string, guard: Guard): unknown {
  if (Array.isArray(item)) return item.map((each, index) => guarded(each, `${path}[${index}]`, guard))
  const isPlain = typeof item === 'object' && item !== null && Object.getPrototypeOf(item) === Object.prototype
  return isPlain ? guard(guardedItems(item, path, guard), `${path}.`) : item
}

/** A variable that is given as undefined is as good as not given. */
function definedOnly(variables: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(variables).filter(([, item]) => item !== undefined && item !== null))
}

interface Failure {
  readonly missing: string | undefined
  readonly text: string
  readonly name: string
}

function explained(error: unknown, { missing: path, text, name }: Failure): TasksError {
  if (path !== undefined) {
    return new TasksError({
      code: 'config',
      message: `Cannot fill in the template "${name}", because "${path}" in its line ${lineOf(path, text)} is undefined.`,
      hint: 'correct the name, or look in the comment at the top of the built-in template for what is defined',
      cause: error,
    })
  }
  const said = error instanceof Error ? error.message : String(error)
  const line = /\[Line (\d+)/.exec(said)?.[1]
  const reason = said
    .split('\n')
    .at(-1)
    ?.trim()
    .replace(/^(Template render error|Error): /, '')
  return new TasksError({
    code: 'config',
    message: `Cannot fill in the template "${name}", because ${line === undefined ? '' : `its line ${line} is wrong: `}${reason}.`,
    cause: error,
  })
}

/** The first line with a tag that uses the variable; comments do not count. */
function lineOf(path: string, text: string): number {
  const uncommented = text.replace(/\{#[\s\S]*?#\}/g, (comment) => comment.replace(/[^\n]/g, ' '))
  const last =
    path
      .replace(/\[\d+\]/g, '')
      .split('.')
      .at(-1) ?? path
  for (const tag of uncommented.matchAll(/\{[{%][\s\S]*?[%}]\}/g)) {
    const at = tag[0].search(new RegExp(`(?<![\\w$])${last.replace(/[^\w]/g, '\\$&')}(?![\\w$])`))
    if (at >= 0) return uncommented.slice(0, tag.index + at).split('\n').length
  }
  return 1
}

function packageTemplates(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, 'deploy_tools')
    if (existsSync(join(candidate, 'nginx.template.conf'))) return candidate
    if (folder === dirname(folder)) throw new Error('The package lacks its deploy_tools folder.')
  }
}
