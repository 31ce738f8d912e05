import type { Event } from './event.ts'

/** Answers to questions, not parts of a run's story: they are not read. */
type Answer = Extract<Event, { readonly type: 'releases.listed' | 'runs.listed' | 'site.status' }>
export type ToldEvent = Exclude<Event, Answer>

/**
 * The event that a line of `--json` holds. `unknown`: its type is none of these, as a newer version may have; `bad`: it is no event
 * at all, or not as its type must be. Fields that are not known are left in.
 */
export function readEvent(line: string): ToldEvent | 'unknown' | 'bad' {
  const value = jsonIn(line)
  if (!isRecord(value) || typeof value.type !== 'string') return 'bad'
  if (!Object.hasOwn(shapes, value.type)) return 'unknown'
  const fits = shapes[value.type as ToldEvent['type']]
  return fits(value) ? (value as unknown as ToldEvent) : 'bad' // what its shape lets through is as its type says
}

type Fits = (value: unknown) => boolean

const text: Fits = (value) => typeof value === 'string'
const isTrue: Fits = (value) => value === true
const amount: Fits = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0
const oneOf =
  (...words: readonly string[]): Fits =>
  (value) =>
    typeof value === 'string' && words.includes(value)
const listOf =
  (fits: Fits): Fits =>
  (value) =>
    Array.isArray(value) && value.every(fits)
const maybe =
  (fits: Fits): Fits =>
  (value) =>
    value === undefined || fits(value)
const record =
  (fields: Readonly<Record<string, Fits>>): Fits =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([name, fits]) => fits(own(value, name)))

const ofStep = { host: text, task: text, step: text, title: text }
const ofCommand = { host: maybe(text), task: text, number: amount, command: text }
const mode = oneOf('run', 'dry-run', 'step')
const outcome = oneOf('done', 'failed', 'interrupted', 'unknown')
const verdict = oneOf('met', 'changed', 'would change', 'after', 'skipped', 'failed', 'unknown')
const code = oneOf('usage', 'config', 'unreachable', 'refused', 'locked', 'failed', 'interrupted')
const counts = record({
  ...{ met: amount, changed: amount, wouldChange: amount, after: amount },
  ...{ skipped: amount, failed: amount, unknown: amount },
})
const place = record({ number: amount, of: amount, task: text, name: text, title: text })
const holder = record({
  ...{ user: text, machine: text, since: text, run: text },
  ...{ task: maybe(text), site: maybe(text), place: maybe(place) },
})
const wire = record({
  connections: amount,
  channels: amount,
  requests: amount,
  bytesSent: amount,
  bytesReceived: amount,
})

const shapes: Readonly<Record<ToldEvent['type'], Fits>> = {
  'run.started': record({
    ...{ run: text, mode, tasks: listOf(text), hosts: listOf(text), at: text },
    asked: maybe(record({ task: text, site: maybe(text), user: text, machine: text })),
  }),
  'host.connecting': record({ host: text, address: text }),
  'host.connected': record({ host: text, user: text, transport: maybe(record({ name: text, because: text })) }),
  'host.lost': record({ host: text, because: text, retryInSeconds: maybe(amount) }),
  'lock.waiting': record({ host: text, lock: text, holder }),
  'steps.planned': record({ host: text, steps: listOf(record({ task: text, step: text, title: text })) }),
  'step.started': record({ ...ofStep, elapsed: amount }),
  'step.previewed': record({ ...ofStep, text }),
  'step.applying': record(ofStep),
  'step.output': record({ ...ofStep, text }),
  'step.finished': record({
    ...{ ...ofStep, verdict, took: amount, elapsed: amount },
    ...{ after: maybe(listOf(text)), because: maybe(text), hint: maybe(text), output: maybe(text) },
  }),
  'value.set': record({ host: text, name: text, value: text }),
  'data.sent': record({ host: text, what: text, id: text, bytes: amount }),
  'note.told': record({
    ...{ level: oneOf('note', 'warning'), message: text, hint: maybe(text) },
    ...{ host: maybe(text), task: maybe(text), step: maybe(text) },
  }),
  'release.switched': record({ host: text, site: text, release: amount, commit: text }),
  'command.started': record({ ...ofCommand, as: maybe(text) }),
  'command.output': record({ ...ofCommand, stream: oneOf('stdout', 'stderr'), text, isAnswer: maybe(isTrue) }),
  'command.finished': record({ ...ofCommand, outcome, exitCode: maybe(amount), took: amount }),
  'transfer.started': record({
    ...{ host: text, transfer: text, direction: oneOf('put', 'get', 'read'), source: text },
    ...{ target: maybe(text), total: maybe(amount) },
  }),
  'transfer.progressed': record({ host: text, transfer: text, bytes: amount }),
  'transfer.finished': record({ host: text, transfer: text, outcome, files: amount, bytes: amount, took: amount }),
  'task.started': record({ task: text, host: maybe(text) }),
  'task.finished': record({
    ...{ task: text, host: maybe(text), took: amount },
    verdict: oneOf('done', 'met', 'would run', 'skipped', 'failed'),
  }),
  'host.finished': record({ host: text, outcome, counts }),
  'run.failed': record({
    ...{ code, message: text, hint: maybe(text), output: maybe(text) },
    ...{ host: maybe(text), task: maybe(text), step: maybe(text) },
  }),
  'run.finished': record({ run: text, mode, outcome, counts, wire, took: amount }),
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined
}
