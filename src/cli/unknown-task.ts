import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { didYouMean } from '../config/suggestion.ts'
import { TasksError } from '../core/errors.ts'

/** The task or command that a word means, by its name or by another of its words. */
export function commandNamed(root: CommandUnknownOpts, word: string): CommandUnknownOpts | undefined {
  return root.commands.find((command) => wordsOf(command).includes(word))
}

/** Says what was meant by a word that means no task: a name that is nearly so, the tasks of a namespace, or the namespaces of a task. */
export function unknownTask(word: string, root: CommandUnknownOpts): TasksError {
  const known = wordsIn(root)
  const inside = known.filter((name) => name.startsWith(`${word}:`) || name.endsWith(`:${word}`))
  const isFolder = known.some((name) => name.startsWith(`${word}:`))
  return new TasksError({
    code: 'usage',
    message: isFolder
      ? `Cannot run "${word}", because it is a folder of tasks, and none of them is its default.`
      : `Cannot run "${word}", because there is no such task.`,
    hint: inside.length === 0 ? didYouMean(word, known, 'run: tasks') : `use one of: ${inside.join(', ')}`,
  })
}

/** Every word that means a task or command, but for hidden ones. */
export function wordsIn(root: CommandUnknownOpts): readonly string[] {
  return root.createHelp().visibleCommands(root).flatMap(wordsOf)
}

function wordsOf(command: CommandUnknownOpts): readonly string[] {
  return [command.name(), ...command.aliases()]
}
