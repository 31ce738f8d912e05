import { Command, type CommandUnknownOpts, type Option } from '@commander-js/extra-typings'
import { flagIn, isFlag, places, withSharedFlags } from '../flags.ts'

/** What the words before the cursor leave to be said. */
export interface Place {
  /** Whose flags and words come next: of all tasks, as long as none is named. */
  readonly command: CommandUnknownOpts
  readonly flags: readonly Option<string, unknown, unknown>[]
  /** The flag whose value comes next. */
  readonly flag: Option<string, unknown, unknown> | undefined
  /** How many words without flags stand there already. */
  readonly words: number
  /** Whether a word that begins with a hyphen is a flag no more. */
  readonly isAfterDashes: boolean
}

interface Line {
  readonly root: CommandUnknownOpts
  readonly isTask: (command: CommandUnknownOpts) => boolean
}

/** Reads the words before the cursor as the command line itself will be read; nothing where they cannot be meant. */
export function placeAfter(
  before: readonly string[],
  { current, ...line }: Line & { readonly current: string },
): Place | undefined {
  let place: Place | undefined = placeIn(line.root, line.root)
  for (let at = 0; at < before.length && place !== undefined; ) {
    const word = before[at] ?? ''
    const next = before[at + 1] ?? current
    const isLast = at === before.length - 1
    if (place.isAfterDashes || !isFlag(word)) {
      place = afterWord(word, place, line)
      at += 1
    } else if (word === '--') {
      place = place.command === line.root ? undefined : { ...place, isAfterDashes: true }
      at += 1
    } else {
      const { flag, takesNext } = flagIn(word, next, place.flags)
      if (takesNext && isLast) return { ...place, flag }
      at += takesNext ? 2 : 1
    }
  }
  return place
}

function afterWord(word: string, place: Place, { root, isTask }: Line): Place | undefined {
  const { command, words, isAfterDashes } = place
  if (isAfterDashes) return { ...place, words: words + 1 }
  const isFull = isTask(command) && words >= places(command)
  if (command === root || isFull) {
    const next = below(root, word)
    return next === undefined || (isFull && !isTask(next)) ? undefined : placeIn(next, root)
  }
  if (command.commands.length === 0) return { ...place, words: words + 1 }
  const next = below(command, word)
  return next && placeIn(next, root)
}

/** The command of another that a word means, by its name or another word for it. */
function below({ commands }: CommandUnknownOpts, word: string): CommandUnknownOpts | undefined {
  return commands.find((command) => [command.name(), ...command.aliases()].includes(word))
}

function placeIn(command: CommandUnknownOpts, root: CommandUnknownOpts): Place {
  const own = command.createHelp().visibleOptions(command)
  const shared = command === root ? withSharedFlags(new Command()).options : []
  return { command, flags: [...shared, ...own], flag: undefined, words: 0, isAfterDashes: false }
}
