import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import type { Param } from '../../core/task.ts'
import { chainOf } from '../../project/chain.ts'
import type { ListedTask } from '../../project/task-list.ts'
import { isFlag, repeated } from '../flags.ts'
import { flagsOf } from '../task-flags.ts'
import { type Candidate, named, type Offer, words } from './candidate.ts'
import type { KnownWords } from './known-words.ts'
import type { Place } from './place.ts'

interface Surroundings {
  readonly root: CommandUnknownOpts
  readonly tasks: readonly ListedTask[]
  readonly known: KnownWords
}

/** What could stand at the cursor. `current` is what stands there already. */
export async function offerFor(place: Place, current: string, around: Surroundings): Promise<Offer> {
  const { flag, flags, isAfterDashes } = place
  if (flag !== undefined) return await valuesOf(flag, current, { ...around, place })
  if (isAfterDashes || !current.startsWith('-')) return await wordsAt(place, current, around)
  const [long = '', ...rest] = current.split('=')
  if (rest.length === 0) return words(flags.flatMap(flagWord))
  const assigned = flags.find((one) => one.long === long && (one.required || one.optional))
  if (assigned === undefined) return words([])
  const values = await valuesOf(assigned, rest.join('='), { ...around, place })
  return behind(`${long}=`, values)
}

function flagWord({ long, description }: Option<string, unknown, unknown>): readonly Candidate[] {
  return long === undefined ? [] : [{ value: long, summary: description }]
}

function behind(head: string, offer: Offer): Offer {
  if (offer.kind === 'files') return offer
  return words(offer.candidates.map(({ value, summary }) => ({ value: `${head}${value}`, summary })))
}

interface OnLine extends Surroundings {
  readonly place: Place
}

/** The values of a flag: of a parameter those that it names, of other flags those that their names stand for. */
async function valuesOf(option: Option<string, unknown, unknown>, current: string, line: OnLine): Promise<Offer> {
  const { place, tasks, known } = line
  const listed = taskOf(place.command, tasks)
  const own = listed && flagsOf(listed.task).find(({ long }) => `--${long}` === option.long)
  if (own !== undefined) return await valuesOfParam(own.param, current, known)
  if (option.argChoices !== undefined) return words(named(option.argChoices))
  switch (option.long) {
    case '--host': {
      const hosts = [...(await known.hosts()), ...(option.parseArg === repeated ? await known.groups() : [])]
      return option.parseArg === repeated ? oneMore(current, hosts) : words(hosts)
    }
    case '--site':
    case '--confirm':
      return words(await known.sites())
    case '--stage':
      return words(await known.stages())
    case '--only':
      return oneMore(current, listed === undefined ? [] : chainOf(listed.task).map(asCandidate))
    case '--config':
    case '--from':
    case '--html':
    case '--dotenv':
    case '--directory':
      return { kind: 'files' }
    default:
      return words([])
  }
}

async function valuesOfParam(
  { form, choices, names, isPositional }: Param<unknown>,
  current: string,
  known: KnownWords,
): Promise<Offer> {
  if (form === 'secret' || names === 'path') return { kind: 'files' }
  const candidates =
    choices !== undefined
      ? named(choices)
      : names === 'site'
        ? await known.sites()
        : names === 'revision'
          ? await known.revisions()
          : []
  return form === 'list' && isPositional !== true ? oneMore(current, candidates) : words(candidates)
}

/** Of words with commas between them the last; those before it are not said again. */
function oneMore(current: string, candidates: readonly Candidate[]): Offer {
  const head = current.slice(0, current.lastIndexOf(',') + 1)
  const said = head.split(',')
  return behind(head, words(candidates.filter(({ value }) => !said.includes(value))))
}

async function wordsAt(place: Place, current: string, around: Surroundings): Promise<Offer> {
  const { command, words: before } = place
  const { root, tasks } = around
  if (command === root || command.commands.length > 0) return words(wordsOfAll(command))
  const listed = taskOf(command, tasks)
  if (listed !== undefined) return await wordsOfTask(listed, { ...place, current }, around)
  return before === 0 ? words(await wordsOfCommand(command, around)) : words([])
}

/** The task's own words without flags; then the next task. */
async function wordsOfTask(
  { task }: ListedTask,
  { words: before, isAfterDashes, current }: Place & { readonly current: string },
  { root, tasks, known }: Surroundings,
): Promise<Offer> {
  const positional = flagsOf(task).filter(({ isPositional }) => isPositional)
  const last = positional.at(-1)
  const next = positional[before] ?? (last?.param.form === 'list' ? last : undefined)
  if (next === undefined) return words(isAfterDashes ? [] : tasksIn(root, tasks))
  return withoutFlags(await valuesOfParam(next.param, current, known), isAfterDashes)
}

async function wordsOfCommand(
  command: CommandUnknownOpts,
  { root, tasks, known }: Surroundings,
): Promise<readonly Candidate[]> {
  const [argument] = command.registeredArguments
  if (argument?.argChoices !== undefined) return named(argument.argChoices)
  const isOfSandbox = command.parent?.name() === 'sandbox'
  switch (command.name()) {
    case 'help':
      return wordsOfAll(root)
    case 'graph':
      return tasksIn(root, tasks)
    case 'ssh':
    case 'down':
      return isOfSandbox ? await known.sandboxHosts() : []
    default:
      return []
  }
}

/** Without `--` before it, a word that begins with a hyphen would be taken for a flag. */
function withoutFlags(offer: Offer, isAfterDashes: boolean): Offer {
  if (offer.kind === 'files' || isAfterDashes) return offer
  return words(offer.candidates.filter(({ value }) => !isFlag(value)))
}

function tasksIn(root: CommandUnknownOpts, tasks: readonly ListedTask[]): readonly Candidate[] {
  const isTask = ({ value }: Candidate) => tasks.some((listed) => listed.words.includes(value))
  return wordsOfAll(root).filter(isTask)
}

/** The words for all that stands below a command, but for what is hidden. */
function wordsOfAll(command: CommandUnknownOpts): readonly Candidate[] {
  const below = command.createHelp().visibleCommands(command)
  return below.flatMap((one) => named([one.name(), ...one.aliases()], one.summary()))
}

function taskOf(command: CommandUnknownOpts, tasks: readonly ListedTask[]): ListedTask | undefined {
  return command.parent?.parent == null ? tasks.find(({ task }) => task.name === command.name()) : undefined
}

function asCandidate({ name, summary }: { readonly name: string; readonly summary: string }): Candidate {
  return { value: name, summary }
}
