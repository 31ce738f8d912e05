import type { Event } from '../../src/core/event.ts'
import type { Place } from './brake.ts'

/** `first`: a site's first deploy. `change`: other code, another requirement, another schema, over a site that serves. */
export type Kind = 'first' | 'change'

export const ways = ['client', 'cable', 'reboot', 'program'] as const

/** `client`: it gets SIGKILL. `cable`: it is pulled, and plugged in again. `program`: its process group gets SIGKILL on the host. */
export type Way = (typeof ways)[number]

/** Where a deploy is cut, and how. */
export interface Point {
  readonly kind: Kind
  /** Counts the points of a kind. */
  readonly number: number
  readonly way: Way
  /** The step, as people know it; `the last pass`, `the end`. */
  readonly step: string
  /** `before`: as its check begins. `amid`: so far into its apply, as a part of the time that it takes undisturbed. */
  readonly moment: 'before' | `amid ${number}`
  readonly place: Place
}

/** `change 12: reboot amid 0.5 deploy/switched` */
export function nameOf({ kind, number, way, moment, step }: Point): string {
  return `${kind} ${number}: ${way} ${moment} ${step}`
}

/** A step of an undisturbed deploy. */
export interface Planned {
  readonly step: string
  /** Milliseconds that its apply took; undefined where there was nothing to do. */
  readonly applied: number | undefined
}

/** What an undisturbed deploy of a kind did, from its events. */
export function planOf(events: readonly Event[], site: string): readonly Planned[] {
  return events.flatMap((event) =>
    event.type === 'step.finished'
      ? [{ step: event.step.replace(site, 'SITE'), applied: event.verdict === 'changed' ? event.took : undefined }]
      : [],
  )
}

/**
 * The border before each step, each once, in one way after the other; and the middle of each step that changes something: of a
 * change in every way, of a first deploy, which has more of them, in two.
 */
export function pointsOf(kind: Kind, plan: readonly Planned[]): readonly Point[] {
  const borders = [...plan.map(({ step }, index) => ({ step, frame: `start ${index + 1}` })), ...ends]
  const before = borders.map(({ step, frame }, index) => ({
    step,
    moment: 'before' as const,
    way: wayAt(index),
    place: { frame, delay: 0 },
  }))
  const applied = plan.flatMap(({ step, applied }, index) => (applied === undefined ? [] : [{ step, applied, index }]))
  const each = kind === 'first' ? 2 : ways.length
  const amid = applied.flatMap(({ step, applied, index }, place) =>
    parts.slice(0, each).map((_, turn) => {
      const part = parts[(turn + place) % parts.length] ?? 0
      const delay = Math.max(Math.round(applied * part) - latency, 0)
      return {
        step,
        moment: `amid ${part}` as const,
        way: wayAt(place * each + turn),
        place: { frame: `apply ${index + 1}`, delay },
      }
    }),
  )
  return [...amid, ...before].map((point, index) => ({ kind, number: index + 1, ...point }))
}

/** How far into an apply it is cut, as a part of it. */
const parts = [0.5, 0.1, 0.7, 0.3]

/** Milliseconds between a frame and its being heard of. */
const latency = 4

const ends = [
  { step: 'the last pass', frame: 'pass' },
  { step: 'the end', frame: 'finish' },
] as const

function wayAt(index: number): Way {
  return ways[index % ways.length] ?? 'client'
}

/** So many of the points for each way, as a seed chooses. */
export function sampleOf(points: readonly Point[], { each, seed }: { readonly each: number; readonly seed: number }) {
  const mixed = shuffled(points, seed)
  return ways.flatMap((way) => mixed.filter((point) => point.way === way).slice(0, each))
}

/** The same points in an order that a seed tells; of points amid steps, more come early. */
export function shuffled(points: readonly Point[], seed: number): readonly Point[] {
  const random = randomFrom(seed)
  const ranked = points.map((point) => ({ point, rank: random() + (point.moment === 'before' ? 0.3 : 0) }))
  return ranked.sort((one, other) => one.rank - other.rank).map(({ point }) => point)
}

/** Mulberry32: the same numbers from the same seed, on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
