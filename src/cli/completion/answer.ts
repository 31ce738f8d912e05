import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { builtInTasks } from '../../project/built-in-tasks.ts'
import { type ListedTask, listed, type taskList } from '../../project/task-list.ts'
import { door } from '../door.ts'
import { configIn } from '../flags.ts'
import type { program } from '../program.ts'
import { bashWords } from './bash-words.ts'
import { type Candidate, type Offer, tellable, words } from './candidate.ts'
import { knownWords } from './known-words.ts'
import { offerFor } from './offer.ts'
import { placeAfter } from './place.ts'
import { writtenLine } from './shell-words.ts'

/** Where completion is asked for, and how it is learnt there what can be typed: as the command line learns it. */
export interface Around {
  readonly cwd: string
  readonly program: typeof program
  readonly taskList: typeof taskList
}

/**
 * What a shell's script is told when it asks what could stand at the cursor. The first line is `words` or `files`; the first is followed by a line for
 * each word. zsh and fish say the words before the cursor and what stands at it, and learn of each word what it is, behind a tab; both
 * quote what they put into the line. Bash says the line up to the cursor and which part of its last word it will replace, and gets what is
 * to be written there, quoted.
 */
export async function completionAnswer([shell, ...said]: readonly string[], around: Around): Promise<string> {
  if (shell === 'bash') {
    const [line = '', end = ''] = said
    const { before, current, written } = writtenLine(line)
    const offer = await offered(before.slice(1), current, around)
    return asLines(offer, (candidates) =>
      bashWords(
        candidates.filter(({ value }) => value.startsWith(current)),
        { written, end },
      ),
    )
  }
  const before = said.slice(0, -1)
  const [last = ''] = said.slice(-1)
  const offer = await offered(before, shell === 'fish' ? writtenLine(last).current : last, around)
  return asLines(offer, (candidates) => candidates.map(({ value, summary }) => `${value}\t${summary}`))
}

async function offered(before: readonly string[], current: string, around: Around): Promise<Offer> {
  const { cwd } = around
  const config = configIn(before)
  const { tasks, root } = await typable(around, config)
  const isTask = (command: CommandUnknownOpts) =>
    command.parent === root && tasks.some(({ task }) => task.name === command.name())
  const place = placeAfter(before, { current, root, isTask })
  if (place === undefined) return words([])
  return await offerFor(place, current, { root, tasks, known: knownWords({ cwd, config }) })
}

interface Typable {
  readonly tasks: readonly ListedTask[]
  readonly root: CommandUnknownOpts
}

/** All that can be typed here. Of a project that cannot be read nothing is: what is wrong with it is told when something is run. */
async function typable({ cwd, program, taskList }: Around, config: string | undefined): Promise<Typable> {
  const nothing = () => undefined
  const typed = (tasks: readonly ListedTask[]) => {
    return {
      tasks,
      root: program({ tasks, version: '', isTyped: () => true, print: nothing, invoke: nothing, finish: nothing }),
    }
  }
  try {
    return typed(await taskList({ cwd, config, door }))
  } catch {
    return typed(listed(await builtInTasks()))
  }
}

function asLines(offer: Offer, linesOf: (candidates: readonly Candidate[]) => readonly string[]): string {
  const lines = offer.kind === 'files' ? [] : linesOf(tellable(offer.candidates))
  return `${[offer.kind, ...lines].join('\n')}\n`
}
