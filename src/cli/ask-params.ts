import { isTasksError } from '../core/errors.ts'
import { onTerminal, type Prompts } from './prompts.ts'
import { flagWords, type TaskFlag } from './task-flags.ts'

/** Asks on the terminal for each argument that is missing, until it is one that can be used; gives them by name. */
export async function askedFor(missing: readonly TaskFlag[]): Promise<Readonly<Record<string, unknown>>> {
  const answers: Record<string, unknown> = {}
  for (const flag of missing) answers[flag.name] = await onTerminal((prompt) => answer(flag, prompt))
  return answers
}

async function answer(flag: TaskFlag, prompt: Prompts): Promise<unknown> {
  const { param, name } = flag
  if (param.form === 'switch') return await prompt.confirm(question(flag, '?'))
  try {
    const text = await word(flag, prompt)
    return text.trim() === '' ? await answer(flag, prompt) : param.parse(text, name)
  } catch (error) {
    if (!isTasksError(error)) throw error
    prompt.show(`${error.message}\n`)
    return await answer(flag, prompt)
  }
}

async function word(flag: TaskFlag, prompt: Prompts): Promise<string> {
  const { form, choices } = flag.param
  if (form === 'secret') return await prompt.password(question(flag, ':'))
  if (form === 'list') return await prompt.word(question(flag, ', with commas between them:'))
  if (choices === undefined) return await prompt.word(question(flag, ':'))
  return await prompt.choose(
    question(flag, ':'),
    choices.map((choice) => ({ name: choice, value: choice })),
  )
}

/** What it is in the task's words, and how it could have been typed. */
function question(flag: TaskFlag, end: string): string {
  const { summary } = flag.param
  const words = summary === '' ? flag.name : summary.charAt(0).toUpperCase() + summary.slice(1)
  return `${words} (${flagWords(flag)})${end}`
}
