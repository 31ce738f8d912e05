import { TasksError } from '../core/errors.ts'
import { type Answers, aliasesOf, answerProblems, hostOf, type NamedSite, stageOf } from '../init/answers.ts'
import { type FoundProject, kindWords } from '../init/project.ts'
import type { InitFlags } from './init-flags.ts'

export interface Asked {
  readonly answers: Answers
  /** What was taken since nobody was asked, and which flag says otherwise. */
  readonly assumed: readonly string[]
}

interface Question {
  readonly name: keyof typeof answerProblems
  readonly flag: string
  readonly given: string | undefined
  readonly message: string
  readonly usual?: string
  /** Whether Enter alone, with no usual answer, is one. */
  readonly isOptional?: boolean
}

/** All that a config needs: from flags, from the person at the terminal, or what is usual. Throws `usage` errors; nothing was written yet. */
export async function askAll(project: FoundProject, flags: InitFlags): Promise<Asked> {
  const assumed: string[] = []
  const isAsking = process.stdin.isTTY === true && flags.yes !== true
  const ask = async (question: Question) => {
    const { given, name, usual, flag, isOptional } = question
    if (given !== undefined) return checked(given, name)
    if (isAsking) return await typed(question)
    if (usual === undefined && isOptional !== true) throw unanswered(question, flags)
    if (usual !== undefined) assumed.push(`${name} ${usual} (${flag} says otherwise)`)
    else if (name !== 'aliases') assumed.push(`no ${name} (${flag} names one)`)
    return usual ?? ''
  }
  const directory = await directoryOf(project, flags, isAsking)
  const isServed = project.kind === 'django'
  const isOptional = !isServed
  const host = await ask({
    name: 'host',
    flag: '--host',
    given: flags.host,
    message: hostMessage(isOptional),
    isOptional,
  })
  const site = await siteOf(project, flags, host === '' ? async () => '' : ask)
  return { answers: { kind: project.kind, directory, host: host === '' ? undefined : hostOf(host), site }, assumed }
}

function hostMessage(isOptional: boolean): string {
  return `Server, as user@address:${isOptional ? ' (Enter for none yet)' : ''}`
}

async function siteOf(
  { kind }: FoundProject,
  flags: InitFlags,
  ask: (question: Question) => Promise<string>,
): Promise<NamedSite | undefined> {
  if (kind === 'none' && flags.site === undefined) return undefined
  const isOptional = kind !== 'django'
  const message = `Domain of the site:${isOptional ? ' (Enter for none yet)' : ''}`
  const name = await ask({ name: 'site', flag: '--site', given: flags.site, message, isOptional })
  if (name === '') return undefined
  const aliases = await ask({
    name: 'aliases',
    flag: '--alias',
    given: flags.alias?.join(' '),
    message: 'Other domains of it: (Enter for none)',
    isOptional: true,
  })
  const stage = await ask({
    name: 'stage',
    flag: '--stage',
    given: flags.stage,
    message: 'Stage, such as staging or production:',
    usual: stageOf(name),
  })
  return { name, aliases: aliasesOf(aliases, name), stage, dotenv: await dotenvOf(stage, flags, ask) }
}

async function dotenvOf(
  stage: string,
  { dotenv }: InitFlags,
  ask: (question: Question) => Promise<string>,
): Promise<string | undefined> {
  if (dotenv === false) return undefined
  const file = await ask({
    name: 'dotenv',
    flag: '--dotenv or --no-dotenv',
    given: typeof dotenv === 'string' ? dotenv : undefined,
    message: 'File for its secrets, on this machine alone: (- for none)',
    usual: `.env.${stage}`,
  })
  return file === '-' ? undefined : file
}

async function directoryOf({ folders }: FoundProject, flags: InitFlags, isAsking: boolean): Promise<string> {
  const [first = '.', ...others] = folders
  if (flags.directory !== undefined) {
    const wanted = flags.directory.replace(/(?<=.)\/+$/, '').replace(/^\.\/(?=.)/, '')
    if (folders.includes(wanted)) return wanted
    throw new TasksError({
      code: 'usage',
      message: `Cannot use ${JSON.stringify(flags.directory)} as the application's folder, because no application was found there.`,
      hint: `use one of: ${folders.join(', ')}`,
    })
  }
  if (others.length === 0) return first
  if (isAsking) return await (await import('./prompts.ts')).chosen('Which of these is to be deployed?', folders)
  throw new TasksError({
    code: 'usage',
    message: `Cannot tell which Django project is meant, because there is a manage.py in ${folders.map((one) => `"${one}"`).join(' and ')}.`,
    hint: `add --directory with one of: ${folders.join(', ')}`,
  })
}

async function typed({ name, message, usual, isOptional }: Question): Promise<string> {
  const { answered } = await import('./prompts.ts')
  const problem = (text: string) => (isOptional === true && text === '' ? undefined : problemOf(text, name))
  return await answered(message, { usual, problem })
}

function problemOf(text: string, name: Question['name']): string | undefined {
  return name === 'dotenv' && text === '-' ? undefined : answerProblems[name](text)
}

function checked(text: string, name: Question['name']): string {
  const problem = problemOf(text, name)
  if (problem === undefined) return text
  throw new TasksError({ code: 'usage', message: problem })
}

function unanswered({ name }: Question, { yes }: InitFlags): TasksError {
  const because = yes === true ? '--yes asks nothing' : 'standard input is not a terminal to ask on'
  const { what, example } = {
    host: { what: 'server', example: '--host user@address' },
    site: { what: 'site', example: '--site example.com' },
  }[name as 'host' | 'site']
  return new TasksError({
    code: 'usage',
    message: `Cannot write a config, because no ${what} is named, and ${because}.`,
    hint: `add ${example}`,
  })
}

/** What was found, as the first line of what is printed. */
export function foundLine({ kind }: FoundProject, directory: string): string {
  return `Found ${kindWords[kind]}${directory === '.' ? '' : ` in ${directory}/`}.`
}
