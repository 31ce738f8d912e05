import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { TasksError } from '../core/errors.ts'
import { type Flag, flagIn, isFlag, places, withSharedFlags } from './flags.ts'

/**
 * Divides what was typed into a line for each task: a word that is a task's name begins the next, unless a flag or an argument before it
 * takes it. The flags that every task has hold for all of them, wherever they stand; others for the task that they follow. A line that
 * begins with something else than a task stays whole.
 */
export function dividedLine(
  words: readonly string[],
  taskNamed: (word: string) => CommandUnknownOpts | undefined,
): readonly (readonly string[])[] {
  const line: Line = { taskNamed, sharedFlags: withSharedFlags(new Command()).options, shared: [], parts: [] }
  let at = 0
  for (let taken = take(words, line); taken > 0; taken = take(words.slice(at), line)) at += taken
  const { shared, parts } = line
  if (parts.length === 0) return [lineOfNoTask(words.slice(at), shared)]
  if (parts.length > 1) refuseSecondPlace(line)
  return parts.map(({ name, own }) => [name, ...shared, ...own])
}

interface Line {
  readonly taskNamed: (word: string) => CommandUnknownOpts | undefined
  readonly sharedFlags: readonly Flag[]
  readonly shared: string[]
  readonly parts: Part[]
}

interface Part {
  readonly name: string
  readonly flags: readonly Flag[]
  readonly own: string[]
  /** Words without flags that it still takes. */
  places: number
}

/** Takes the first words of those that are left; how many, or 0 where they are not for us to divide. */
function take(left: readonly string[], line: Line): number {
  const [word] = left
  const part = line.parts.at(-1)
  if (word === undefined) return 0
  if (isFlag(word)) return takeFlag(left, line)
  if (part === undefined || part.places === 0) {
    const command = line.taskNamed(word)
    if (command !== undefined) line.parts.push({ name: word, flags: command.options, own: [], places: places(command) })
    else if (part === undefined) return 0
    else part.own.push(word)
    return 1
  }
  part.places--
  part.own.push(word)
  return 1
}

function takeFlag(left: readonly string[], { sharedFlags, shared, parts }: Line): number {
  const [word = '', next] = left
  const part = parts.at(-1)
  const { flag, takesNext } = flagIn(word, next, part?.flags ?? sharedFlags)
  const isShared = flag !== undefined && sharedFlags.some(({ long }) => long === flag.long)
  if (!isShared && part === undefined) return 0
  const length = word === '--' ? left.length : takesNext ? 2 : 1
  const place = isShared ? shared : part?.own
  place?.push(...left.slice(0, length))
  return length
}

/** Flags that stand before a command are the command's. */
function lineOfNoTask([word, ...left]: readonly string[], shared: readonly string[]): readonly string[] {
  if (word === undefined) return shared
  return isFlag(word) ? [...shared, word, ...left] : [word, ...shared, ...left]
}

/** A line is for one place: written twice, one of the two would go unheard. */
function refuseSecondPlace({ parts, shared }: Line): void {
  const twice = ['--site', '--stage', '--config', '--confirm', '--jobs'].find(
    (flag) => shared.filter((word) => word === flag || word.startsWith(`${flag}=`)).length > 1,
  )
  if (twice === undefined) return
  const names = parts.map(({ name }) => `"${name}"`).join(' and ')
  throw new TasksError({
    code: 'usage',
    message: `Cannot run ${names}, because ${twice} stands there twice, and holds for all of them.`,
    hint: 'type a line for each',
  })
}
