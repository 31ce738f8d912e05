import { checkedConfig } from '../config/check.ts'
import { completeApp } from '../config/complete-app.ts'
import type { App, Host, Site } from '../core/app.ts'
import type { Ask } from '../core/ask.ts'
import { TasksError } from '../core/errors.ts'
import type { Event, Mode } from '../core/event.ts'
import type { Step, Verdict } from '../core/step.ts'
import { type AnyTask, type Call, calledTask, defineTask } from '../core/task.ts'
import { argumentsOf, refuseStrangers } from '../library/arguments.ts'
import type { ArgumentsOf, ReturnOf } from '../library/options.ts'
import { type RunRequest, run } from '../run/index.ts'

/** A task, or steps of one. */
export type Tryable = AnyTask | readonly Step[]

/** How a task is tried. Only the task itself is done: not what it needs, nor what follows it. */
export type TryOptions<W> = TryHow &
  ({} extends ArgumentsOf<W> ? { readonly params?: ArgumentsOf<W> } : { readonly params: ArgumentsOf<W> })

/** They may be left out where no argument must be given. */
export type TryArguments<W> = {} extends TryOptions<W> ? [options?: TryOptions<W>] : [options: TryOptions<W>]

interface TryHow {
  /** The site that the task is for. */
  readonly site?: string
  readonly mode?: Mode
  /** What the tasks that it needs hand on, by the names of its needs. What a task computes of its inputs need not be given. */
  readonly needs?: Readonly<Record<string, unknown>>
  /** Answers the task's questions. */
  readonly ask?: Ask
}

/** What a task that did well came to. */
export interface Tried<R> {
  /** What its function returned. */
  readonly returned: R | undefined
  /** The verdict of each of its steps, by the step's name. */
  readonly verdicts: Readonly<Record<string, Verdict>>
  /** What it told with `log` and `note`, in order. */
  readonly notes: readonly string[]
  readonly events: readonly Event[]
}

/** What stands for hosts here. */
export interface Stage extends Pick<RunRequest, 'connect' | 'connectLocal' | 'standIns'> {
  /** Of the project and of the person: commands on this machine begin there. */
  readonly folder: string
  /** Makes the task fit for this host. */
  readonly adapted?: (task: AnyTask) => AnyTask
}

/** Does a task as a run does. Rejects with the TasksError of what failed. */
export async function tryTask<W extends Tryable>(
  stage: Stage,
  what: W,
  options: TryOptions<W>,
): Promise<Tried<ReturnOf<W>>> {
  const {
    params = {},
    site: domain,
    mode = 'run',
    needs = {},
    ask = {},
  } = options as TryHow & { readonly params?: Params }
  const task = withNeeds(taskOf(what), needs)
  refuseStrangers([task], params)
  const site = siteOf(task, domain)
  const given = { ...argumentsOf(task, params, stage.folder), ...(site && { site: site.name }) }
  const events: Event[] = []
  const never = new AbortController().signal
  const { connect, connectLocal, standIns, adapted = (one) => one } = stage
  const { hosts, returned } = await run({
    app: appIn(stage.folder, site),
    roots: [{ task: adapted(task), params: given }],
    only: [task.name],
    hosts: [host],
    site,
    ...{ mode, wait: false, jobs: 1, ask, stop: never, kill: never, connect, connectLocal, standIns },
    emit: (event) => void events.push(event),
  })
  const [failed] = events.flatMap((event) => (event.type === 'run.failed' ? [event] : []))
  if (failed !== undefined) throw hosts[0]?.error ?? new TasksError(failed)
  const [came] = returned
  return {
    returned: came?.value as ReturnOf<W> | undefined,
    verdicts: verdictsIn(events),
    notes: notesIn(events),
    events,
  }
}

type Params = Readonly<Record<string, unknown>>

const host: Host = { name: 'test', address: 'test.invalid' }

function taskOf(what: Tryable): AnyTask {
  if (!('kind' in what)) return defineTask({ name: 'test', summary: 'Steps of a test', steps: () => what })
  return what.name === '' ? { ...what, name: 'test' } : what
}

/** What is needed is not done; what it would hand on is said by the test. */
function withNeeds(task: AnyTask, said: Params): AnyTask {
  const stranger = Object.keys(said).find((name) => !Object.hasOwn(task.needs, name))
  if (stranger !== undefined) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot hand on ${JSON.stringify(stranger)}, because "${task.name}" needs nothing of that name.`,
    })
  }
  const needs = Object.entries(task.needs as Readonly<Record<string, AnyTask | Call>>).map(([name, wanted]) => {
    const needed = calledTask(wanted)
    if (!Object.hasOwn(said, name) && isReturned(needed)) throw unsaid(task, name)
    const handedOn = { name: needed.name || name, summary: needed.summary, result: () => said[name] }
    return [name, Object.hasOwn(said, name) ? defineTask(handedOn) : wanted]
  })
  return { ...task, needs: Object.fromEntries(needs), then: [] }
}

/** What a function returns is not known where it is not done. */
function isReturned({ result, run: onHost, local }: AnyTask): boolean {
  return result === undefined && (onHost !== undefined || local !== undefined)
}

function unsaid({ name: task }: AnyTask, name: string): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot try "${task}", because it needs what "${name}" hands on, and that is not done here.`,
    hint: `say it: needs: { ${name}: … }`,
  })
}

function siteOf(task: AnyTask, domain: string | undefined): Site | undefined {
  if (domain !== undefined) return { name: domain, host: host.name, aliases: [] }
  if (!Object.hasOwn(task.params, 'site')) return undefined
  throw new TasksError({
    code: 'usage',
    message: `Cannot try "${task.name}", because it is for a site, and none is named.`,
    hint: "give it one: site: 'example.com'",
  })
}

function appIn(root: string, site: Site | undefined): App {
  const { app } = completeApp(checkedConfig({}, ''), { root })
  return { ...app, hosts: { [host.name]: host }, sites: site === undefined ? {} : { [site.name]: site } }
}

function verdictsIn(events: readonly Event[]): Readonly<Record<string, Verdict>> {
  const ends = events.flatMap((event) => (event.type === 'step.finished' ? [event] : []))
  return Object.fromEntries(ends.map(({ task, step, verdict }) => [step.slice(task.length + 1), verdict]))
}

function notesIn(events: readonly Event[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'note.told' ? [event.message] : []))
}
