import { TasksError } from '../core/errors.ts'
import type { LockHolder } from '../core/event.ts'
import { lineIn, type PastRun, parsePastRun, parsePlace } from '../core/past-run.ts'

/** What a program says: frames that it alone can make, and between them what its steps printed. */
export type Frame =
  | { readonly kind: 'hello'; readonly run: string }
  /** The last run of the same site, or of the host, did not come to its end. */
  | { readonly kind: 'before'; readonly past: PastRun }
  | { readonly kind: 'want'; readonly items: readonly WantedItem[] }
  | { readonly kind: 'task'; readonly index: number }
  /** Somebody holds the lock: the program gives up, or waits. */
  | { readonly kind: 'locked'; readonly lock: string; readonly holder: LockHolder }
  | { readonly kind: 'waiting'; readonly lock: string; readonly holder: LockHolder }
  | { readonly kind: 'start'; readonly step: number; readonly at: number }
  | { readonly kind: 'preview'; readonly step: number }
  | { readonly kind: 'previewed'; readonly step: number; readonly exitCode: number }
  | { readonly kind: 'ask'; readonly step: number }
  | { readonly kind: 'apply'; readonly step: number; readonly at: number }
  | { readonly kind: 'value'; readonly step: number; readonly name: string; readonly value: string }
  | {
      readonly kind: 'end'
      readonly step: number
      readonly verdict: WireVerdict
      readonly exitCode: number
      readonly at: number
      readonly detail: string
    }
  | { readonly kind: 'pass' }
  /** A new channel follows the run's journal from the byte that was asked for. */
  | { readonly kind: 'attached' }
  /** The same of another one's run: first the lines of its plan, then whose it is, then its journal, which has a marker of its own. */
  | { readonly kind: 'plan' }
  | { readonly kind: 'found'; readonly marker: string; readonly past: PastRun }
  | { readonly kind: 'unproved'; readonly step: number; readonly exitCode: number }
  | {
      readonly kind: 'finish'
      readonly how: (typeof endings)[number]
    }

export interface WantedItem {
  readonly kind: 'content' | 'stream'
  readonly id: string
  readonly said: string
}

/** `dead`, `never` and `none` are said of another program: it was killed, it never began, there is none. */
const endings = [
  'done',
  'failed',
  'interrupted',
  'locked',
  'lost',
  'dead',
  'never',
  'none',
  'twice',
  'unprepared',
] as const

const wireVerdicts = ['met', 'changed', 'would', 'after', 'skipped', 'failed', 'unknown'] as const
export type WireVerdict = (typeof wireVerdicts)[number]

export type Piece = { readonly kind: 'output'; readonly bytes: Uint8Array } | Frame

/** Reads what stands after the marker. Throws a TasksError for what is no frame of ours. */
export function parseFrame(line: string): Frame {
  const [kind = '', ...words] = line.split(' ')
  const frame = frameOf(kind, words)
  if (!frame) throw unreadable(line)
  return frame
}

/** Nothing where a word is missing or is not what it should be. */
function frameOf(kind: string, words: readonly string[]): Frame | undefined {
  const [first = '', second = ''] = words
  const step = wholeNumber(first)
  switch (kind) {
    case 'hello':
      return { kind, run: first }
    case 'before': {
      const past = parsePastRun(words.join(' '))
      return past && { kind, past }
    }
    case 'want':
      return { kind, items: words.map(wanted) }
    case 'locked':
    case 'waiting':
      return { kind, lock: first, holder: holderIn(words.slice(1)) }
    case 'found':
      return foundIn(words)
    case 'pass':
    case 'attached':
    case 'plan':
      return { kind }
    case 'finish':
      return { kind, how: ending(first) }
    case 'task':
      return step === undefined ? undefined : { kind, index: step }
    default:
      return step === undefined ? undefined : frameOfStep(kind, { step, second, words })
  }
}

function frameOfStep(
  kind: string,
  { step, second, words }: { readonly step: number; readonly second: string; readonly words: readonly string[] },
): Frame | undefined {
  switch (kind) {
    case 'preview':
    case 'ask':
      return { kind, step }
    case 'value':
      return { kind, step, name: second, value: words.slice(2).join(' ') }
    case 'previewed':
    case 'unproved': {
      const exitCode = wholeNumber(second)
      return exitCode === undefined ? undefined : { kind, step, exitCode }
    }
    case 'start':
    case 'apply': {
      const at = seconds(second)
      return at === undefined ? undefined : { kind, step, at }
    }
    case 'end': {
      const [exitCode, at] = [wholeNumber(words[2]), seconds(words[3])]
      if (exitCode === undefined || at === undefined) return undefined
      return { kind, step, verdict: wireVerdict(second), exitCode, at, detail: words[4] ?? '' }
    }
    default:
      return undefined
  }
}

function wholeNumber(word = ''): number | undefined {
  return /^\d{1,9}$/.test(word) ? Number(word) : undefined
}

function seconds(word = ''): number | undefined {
  return /^\d{1,12}(\.\d{1,6})?$/.test(word) ? Number(word) : undefined
}

function holderIn(words: readonly string[]): LockHolder {
  const [user = '?', machine = '?', since = '?', run = '?', task = '-', site = '-', ...rest] = words
  const place = parsePlace(rest.join(' '))
  const about = { user, machine, since, run }
  return {
    ...about,
    ...(task !== '-' && { task: lineIn(task) }),
    ...(site !== '-' && { site }),
    ...(place && { place }),
  }
}

function foundIn([marker = '', ...words]: readonly string[]): Frame | undefined {
  const past = parsePastRun(['running', '0', ...words].join(' '))
  return past && marker !== '' ? { kind: 'found', marker, past } : undefined
}

function wanted(word: string): WantedItem {
  const [kind, id = '', said = ''] = word.split(':')
  if (kind !== 'content' && kind !== 'stream') throw unreadable(word)
  return { kind, id, said: said.replaceAll(',', ' ').trim() }
}

function wireVerdict(word: string | undefined): WireVerdict {
  const verdict = wireVerdicts.find((known) => known === word)
  if (!verdict) throw unreadable(word ?? 'an end without a verdict')
  return verdict
}

function ending(word: string): (typeof endings)[number] {
  const how = endings.find((known) => known === word)
  if (!how) throw unreadable(word === '' ? 'an end without a reason' : word)
  return how
}

/** A host that says what no program of ours says. */
export function unreadable(what: string): TasksError {
  return new TasksError({
    code: 'failed',
    message: `Cannot understand what the host says, because it sent ${quoted(what.slice(0, 80))}.`,
    hint: 'run the same command again; if it happens again, read the newest journal in /var/lib/tasks/runs on the host',
  })
}

/** On one line, with nothing that a terminal would obey. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
