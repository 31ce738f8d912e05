import inquirer from 'inquirer'
import type { Ask, HostKeyQuestion, StepAnswer, StepQuestion } from '../core/ask.ts'
import { TasksError } from '../core/errors.ts'

export interface PromptOptions {
  /** Clears the screen of what is drawn live while a question stands there; lets one question stand there at a time. */
  readonly whileAsking: <T>(question: () => Promise<T>) => Promise<T>
  /** Ends the question that is open. */
  readonly kill: AbortSignal
  /** Ctrl-C, which a prompt reads as a key. */
  readonly interrupt: () => void
}

/** Questions on the terminal. Only for a standard input that is a terminal. */
export function promptsOnTerminal(options: PromptOptions): Required<Ask> {
  const ask = asking(options)
  return {
    passphrase: (file) => ask((prompt) => prompt.password(`Passphrase of ${file}:`)),
    password: (who) => ask((prompt) => prompt.password(`Password of ${who}:`)),
    sudoPassword: ({ host, user, isRetry }) =>
      ask((prompt) => prompt.password(`${isRetry ? 'That was not it. ' : ''}sudo password of ${user} on ${host}:`)),
    touch: (what, signal) =>
      options.whileAsking(async () => {
        process.stderr.write(`The security key ${what.trim()} waits for a touch.\n`)
        await ended(signal)
      }),
    acceptHostKey: (question) => ask((prompt) => prompt.confirm(hostKeyWords(question))),
    step: (question) => ask((prompt) => stepAnswer(question, prompt)),
  }
}

/** Asks on the terminal whether to go on; no where Enter alone is pressed. */
export async function confirmed(message: string): Promise<boolean> {
  return await onTerminal((prompt) => prompt.confirm(message))
}

/** Shows what a question is about, and asks for a word. */
export async function typed(about: string, message: string): Promise<string> {
  return await onTerminal(async (prompt) => {
    prompt.show(`${about}\n`)
    return await prompt.word(message)
  })
}

/** A question with no run around it: nothing is drawn, and Ctrl-C ends nothing but the question. */
export function onTerminal<T>(question: (prompt: Prompts) => Promise<T>): Promise<T> {
  const kill = new AbortController().signal
  return asking({ whileAsking: (ask) => ask(), kill, interrupt: () => undefined })(question)
}

export interface Prompts {
  readonly password: (message: string) => Promise<string>
  readonly confirm: (message: string) => Promise<boolean>
  readonly word: (message: string) => Promise<string>
  readonly choose: <T extends string>(
    message: string,
    choices: readonly { readonly name: string; readonly value: T }[],
  ) => Promise<T>
  readonly show: (text: string) => void
}

function asking({ whileAsking, kill, interrupt }: PromptOptions) {
  return <T>(question: (prompt: Prompts) => Promise<T>): Promise<T> =>
    whileAsking(async () => {
      try {
        return await question(prompts(kill))
      } catch (cause) {
        if (!isLeft(cause)) throw cause
        if (!kill.aborted) interrupt()
        throw new TasksError({
          code: 'interrupted',
          message: 'Stopped, because Ctrl-C was pressed at a question.',
          cause,
        })
      }
    })
}

/** Questions are progress, not what was asked for: they go to standard error. */
function prompts(signal: AbortSignal): Prompts {
  const ask = async <T>(question: object): Promise<T> => {
    const prompt = inquirer.createPromptModule({ output: process.stderr, signal })
    const answers: { readonly answer: unknown } = await prompt([{ ...question, name: 'answer' } as never])
    return answers.answer as T // inquirer's types cannot follow a question that is made elsewhere
  }
  return {
    password: (message) => ask({ type: 'password', message, mask: false }),
    confirm: (message) => ask({ type: 'confirm', message, default: false }),
    word: (message) => ask({ type: 'input', message }),
    choose: (message, choices) => ask({ type: 'select', message, choices, loop: false }),
    show: (text) => void process.stderr.write(text),
  }
}

async function stepAnswer(question: StepQuestion, prompt: Prompts): Promise<StepAnswer> {
  const answer = await prompt.choose<StepAnswer | 'show'>(`${question.host}: ${question.title}?`, [
    { name: 'apply', value: 'apply' },
    { name: 'skip', value: 'skip' },
    { name: 'all the rest', value: 'all' },
    { name: 'show the script', value: 'show' },
    { name: 'abort', value: 'abort' },
  ])
  if (answer !== 'show') return answer
  prompt.show(`\n${question.script.trimEnd()}\n\n`)
  return await stepAnswer(question, prompt)
}

function hostKeyWords({ host, address, port, keyType, fingerprint }: HostKeyQuestion): string {
  const where = host === address ? `${address}:${port}` : `${host} (${address}:${port})`
  return `${where} is not known yet. Its ${keyType} key is ${fingerprint}. Is that right?`
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Ctrl-C at a prompt, an abort, or a terminal that is gone. */
function isLeft(cause: unknown): boolean {
  return cause instanceof Error && ['ExitPromptError', 'AbortPromptError', 'CancelPromptError'].includes(cause.name)
}
