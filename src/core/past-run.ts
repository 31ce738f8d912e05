/** A run as its host tells of it, from what the run left there. */
export interface PastRun {
  readonly run: string
  readonly state: RunState
  /** How many steps changed something; 0 while it is not known. */
  readonly changed: number
  readonly mode: 'run' | 'step'
  /** The task that was asked for. */
  readonly task: string
  readonly site?: string
  readonly user: string
  readonly machine: string
  /** When it began, by the clock of the machine that it was asked from. ISO 8601. */
  readonly since: string
  /** Where it is, failed or stopped. */
  readonly place?: StepPlace
}

const runStates = ['running', 'done', 'failed', 'interrupted', 'died', 'locked', 'lost'] as const

/**
 * `died`: the host was restarted, or the program was killed. `locked`: it gave way to another one. `lost`: its client was gone
 * before the host had all that it needed; like `locked`, nothing was done.
 */
export type RunState = (typeof runStates)[number]

/** A step of a run, counted from 1. */
export interface StepPlace {
  readonly number: number
  readonly of: number
  readonly task: string
  /** The step's name, without the task's. */
  readonly name: string
  readonly title: string
  /** It had begun and not ended. */
  readonly isAtWork: boolean
}

/** Reads the words in which a host tells of a run; what is not made of such words is no run. */
export function parsePastRun(words: string): PastRun | undefined {
  const [state, changed, mode, user = '', machine = '', since = '', run = '', task = '', site = '-', ...place] =
    words.split(' ')
  const known = runStates.find((one) => one === state)
  if (known === undefined || (mode !== 'run' && mode !== 'step') || run === '') return undefined
  const at = parsePlace(place.join(' '))
  const counted = /^\d{1,9}$/.test(changed ?? '') ? Number(changed) : 0
  const about = { run, state: known, changed: counted, mode, user, machine, since, task: lineIn(task) } as const
  return { ...about, ...(site !== '-' && { site }), ...(at && { place: at }) }
}

/** Several tasks of one run are one word where hosts remember it, and so with a character that no task's name has between them. */
export function lineIn(word: string): string {
  return word.replaceAll('+', ' ')
}

/** Reads `in 7 31 ["deploy","virtualenv","the virtualenv",30,1800]`. */
export function parsePlace(words: string): StepPlace | undefined {
  const [, how, number, of, line] = /^(in|after) (\d{1,9}) (\d{1,9}) (.+)$/.exec(words) ?? []
  const planned = line === undefined ? undefined : parsePlanLine(line)
  if (planned === undefined) return undefined
  const { task, name, title } = planned
  return { number: Number(number), of: Number(of), task, name, title, isAtWork: how === 'in' }
}

/** One step as the plan of a run keeps it: a line of JSON. */
export interface PlanLine {
  readonly task: string
  readonly name: string
  readonly title: string
  /** Seconds. */
  readonly check: number
  /** Seconds; 0 where the step has no apply. */
  readonly apply: number
}

export function planLine({ task, name, title, check, apply }: PlanLine): string {
  return JSON.stringify([task, name, title, check, apply])
}

export function parsePlanLine(line: string): PlanLine | undefined {
  const [task, name, title, check, apply] = listIn(line)
  if (typeof task !== 'string' || typeof name !== 'string' || typeof title !== 'string') return undefined
  const seconds = (value: unknown) => (typeof value === 'number' && value >= 0 ? value : 0)
  return { task, name, title, check: seconds(check), apply: seconds(apply) }
}

function listIn(json: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(json)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
