import { lstatSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import path from 'node:path'
import { isTracked } from '../source/tracked.ts'
import type { Answers } from './answers.ts'
import { isIgnored, withIgnored } from './gitignore.ts'
import type { Draft } from './place.ts'
import { configText, dotenvText, exampleTask } from './texts.ts'

/** The files that these answers come to, and what a person should know of those that are left alone. */
export interface Plan {
  readonly drafts: readonly Draft[]
  readonly notes: readonly string[]
}

interface PlanOptions {
  /** A config that is there may be replaced. */
  readonly replacesConfig: boolean
  readonly replacesExample: boolean
}

/** Looks at what is in the folder; writes nothing. */
export async function planFiles(root: string, answers: Answers, options: PlanOptions): Promise<Plan> {
  const config = { path: configFile, text: configText(answers), replaces: options.replacesConfig }
  const plans = [
    { drafts: [config], notes: [] },
    examplePlan(root, options.replacesExample),
    ...(answers.site?.dotenv === undefined ? [] : [await dotenvPlan(root, answers.site.dotenv, answers.site.name)]),
  ]
  return { drafts: plans.flatMap(({ drafts }) => drafts), notes: plans.flatMap(({ notes }) => notes) }
}

export const configFile = 'tasks.config.ts'
export const exampleFile = 'tasks/hello.ts'

function examplePlan(root: string, replaces: boolean): Plan {
  const folder = statSync(path.join(root, 'tasks'), { throwIfNoEntry: false })
  if (folder !== undefined && !folder.isDirectory())
    return left('tasks is no folder: there is no place for an example task.')
  const modules =
    folder === undefined ? [] : readdirSync(path.join(root, 'tasks')).filter((name) => /(?<!\.d)\.m?[jt]s$/.test(name))
  const example = { path: exampleFile, text: exampleTask, replaces }
  if (modules.length === 0 || (replaces && modules.includes('hello.ts'))) return { drafts: [example], notes: [] }
  return left(
    `tasks/ has modules already (${modules.slice(0, 3).join(', ')}): each is a part of "tasks" now, and no example is written.`,
  )
}

async function dotenvPlan(root: string, file: string, site: string): Promise<Plan> {
  const found = lstatSync(path.join(root, file), { throwIfNoEntry: false })
  const own =
    found === undefined
      ? { drafts: [{ path: file, text: dotenvText(site), mode: 0o600 }], notes: [] }
      : left(...dotenvNotes(file, found))
  const ignored = await ignorePlan(root, file)
  return { drafts: [...own.drafts, ...ignored.drafts], notes: [...own.notes, ...ignored.notes] }
}

function dotenvNotes(file: string, found: Stats): readonly string[] {
  const isOpen = found.isFile() && (found.mode & 0o077) !== 0
  return [
    `${file} is there already: it is left as it is.`,
    ...(isOpen ? [`Others may read ${file}; run: chmod 600 ${file}`] : []),
  ]
}

async function ignorePlan(root: string, file: string): Promise<Plan> {
  if (await isTracked(root, file))
    return left(`git has ${file}, and with it what is secret there; run: git rm --cached ${file}`)
  const place = path.join(root, '.gitignore')
  const found = lstatSync(place, { throwIfNoEntry: false })
  const bytes = found?.isFile() ? readFileSync(place) : Buffer.alloc(0)
  const text = bytes.toString()
  if (await isIgnored(root, file, text)) return left()
  const isOurs = found === undefined || (found.isFile() && Buffer.from(text).equals(bytes))
  if (!isOurs) return left(`.gitignore is no text file of this folder: see that ${file} stays out of git.`)
  const mode = found === undefined ? {} : { mode: found.mode & 0o777 }
  return {
    drafts: [{ path: '.gitignore', text: withIgnored(text, file), replaces: found !== undefined, ...mode }],
    notes: [],
  }
}

function left(...notes: readonly string[]): Plan {
  return { drafts: [], notes }
}
