import inquirer from 'inquirer'
import type { Ask, HostKeyQuestion, StepAnswer, StepQuestion, TextQuestion } from '../core/ask.ts'
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
    text: (question) => ask((prompt) => textAnswer(question, prompt)),
    confirm: (question) => ask((prompt) => prompt.confirm(question.message, question.default)),
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

/** Asks for a word that must be right: what `problem` says of it is shown at the question. Enter alone gives the usual answer. */
export async function answered(
  message: string,
  {
    usual = '',
    problem,
  }: { readonly usual?: string | undefined; readonly problem: (text: string) => string | undefined },
): Promise<string> {
  return (await onTerminal((prompt) => prompt.word(message, { usual, problem }))).trim()
}

/** Asks for one of several words. */
export async function chosen(message: string, words: readonly string[]): Promise<string> {
  const choices = words.map((word) => ({ name: word, value: word }))
  return await onTerminal((prompt) => prompt.choose(message, choices))
}

/** A question with no run around it: nothing is drawn, and Ctrl-C ends nothing but the question. */
export function onTerminal<T>(question: (prompt: Prompts) => Promise<T>): Promise<T> {
  const kill = new AbortController().signal
  return asking({ whileAsking: (ask) => ask(), kill, interrupt: () => undefined })(question)
}

/** What Enter alone means, and why a word cannot be taken. */
interface Rule {
  readonly usual: string
  readonly problem: (text: string) => string | undefined
}

export interface Prompts {
  readonly password: (message: string) => Promise<string>
  readonly confirm: (message: string, usual?: boolean) => Promise<boolean>
  readonly word: (message: string, rule?: Partial<Rule>) => Promise<string>
  readonly choose: <T extends string>(
    message: string,
    choices: readonly { readonly name: string; readonly value: T }[],
    usual?: T,
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
    confirm: (message, usual = false) => ask({ type: 'confirm', message, default: usual }),
    word: (message, rule = {}) => ask({ type: 'input', message, ...ruled(rule) }),
    choose: (message, choices, usual) => ask({ type: 'select', message, choices, default: usual, loop: false }),
    show: (text) => void process.stderr.write(text),
  }
}

function ruled({ usual, problem }: Partial<Rule>) {
  const validate = (text: string) => problem?.(text.trim()) ?? true
  return { ...(usual ? { default: usual } : {}), validate }
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

async function textAnswer({ message, choices, default: usual, hide }: TextQuestion, prompt: Prompts): Promise<string> {
  if (choices === undefined)
    return hide === true
      ? await prompt.password(message)
      : await prompt.word(message, usual === undefined ? {} : { usual })
  const options = choices.map((choice) => ({ name: choice, value: choice }))
  return await prompt.choose(message, options, usual)
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
