import { CommanderError } from '@commander-js/extra-typings'
import { taskList } from '../project/task-list.ts'
import { commands } from './commands.ts'
import { door } from './door.ts'
import { type Ending, endingOf } from './ending.ts'
import { configIn } from './flags.ts'
import { manifest } from './manifest.ts'
import { interpret, program } from './program.ts'
import type { Invocation } from './task-command.ts'

/** Runs the command line that was typed, prints what it came to, and ends the process: the only place that does either. */
export async function main(words: readonly string[]): Promise<never> {
  process.exitCode = 1 // whatever ends the process before the last line has failed
  const { out, err, exitCode } = await endingFor(words)
  if (out !== undefined) await written(process.stdout, out)
  if (err !== undefined) await written(process.stderr, err)
  process.exit(exitCode)
}

async function endingFor(words: readonly string[]): Promise<Ending> {
  if (words[0] === '__complete') return await completed(words.slice(1))
  const printed: string[] = []
  const invocations: Invocation[] = []
  let ending: Ending = { exitCode: 0 }
  try {
    await interpret(words, {
      tasks: isAboutTasks(words) ? await taskList({ cwd: process.cwd(), config: configIn(words), door }) : [],
      version: manifest().version,
      print: (text) => printed.push(text),
      invoke: (invocation) => invocations.push(invocation),
      finish: (reached) => {
        ending = reached
      },
    })
    if (invocations.length > 0) ending = await runTasks(invocations)
  } catch (error) {
    ending = error instanceof CommanderError && error.exitCode === 0 ? ending : endingOf(error)
  }
  return printed.length === 0 ? ending : { ...ending, out: printed.join('') }
}

/** A run loads most of the program; the help must not wait for that. */
async function runTasks(invocations: readonly Invocation[]): Promise<Ending> {
  const run = await import('./run-task.ts')
  return await run.runTasks(invocations, () => process.exit(130))
}

/** What a shell's script asks while a line is typed. */
async function completed(words: readonly string[]): Promise<Ending> {
  const { complete } = await import('./completion/complete.ts')
  return await complete(words, { cwd: process.cwd(), program, taskList })
}

function isAboutTasks([first]: readonly string[]): boolean {
  return first !== '--version' && commands.every(({ name, isAboutTasks }) => name !== first || isAboutTasks === true)
}

/** Resolves once the text is handed over, or nobody reads it any more. */
function written(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve) => {
    stream.once('error', () => resolve())
    stream.write(text, () => resolve())
  })
}
