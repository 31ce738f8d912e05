import { interpret } from '../../src/cli/program.ts'
import type { Invocation } from '../../src/cli/task-command.ts'
import { gathered } from '../../src/cli/task-params.ts'
import type { OwnTask } from '../../src/config/own-tasks.ts'
import type { AnyTask } from '../../src/core/task.ts'
import { type ListedTask, listed } from '../../src/project/task-list.ts'

export interface Typed {
  readonly invocations: readonly Invocation[]
  /** What was printed instead. */
  readonly out: string
}

/** Tasks as the project's own; a name with a colon is of that folder. */
export function own(...tasks: readonly AnyTask[]): readonly ListedTask[] {
  const from = (task: AnyTask): OwnTask => ({
    task,
    file: `tasks/${task.name.replaceAll(':', '/')}.ts`,
    namespace: task.name.split(':').slice(0, -1).join(':'),
  })
  return listed([], tasks.map(from))
}

/** What a command line is understood as. Rejects with what a person would be told. */
export async function typed(words: readonly string[], tasks: readonly ListedTask[]): Promise<Typed> {
  const invocations: Invocation[] = []
  const printed: string[] = []
  await interpret(words, {
    tasks,
    version: '1.0.0',
    print: (text) => printed.push(text),
    invoke: (invocation) => invocations.push(invocation),
    finish: ({ out = '' }) => printed.push(out),
  }).catch((error: unknown) => {
    if (!isHelp(error)) throw error
  })
  return { invocations, out: printed.join('') }
}

/** The arguments that one task gets from a line and an environment. */
export async function argumentsFrom(
  words: readonly string[],
  { task, environment = {}, files = {} }: { readonly task: AnyTask } & Partial<Surroundings>,
) {
  const { invocations } = await typed([task.name, ...words], own(task))
  const [invocation] = invocations
  return gathered(task, invocation?.words ?? {}, { environment, textOf: (file) => files[file] ?? '' })
}

interface Surroundings {
  readonly environment: Readonly<Record<string, string>>
  readonly files: Readonly<Record<string, string>>
}

function isHelp(error: unknown): boolean {
  return error instanceof Error && 'exitCode' in error && error.exitCode === 0
}
