import type { NoteTold } from '../core/event.ts'
import { hintLines } from './failures.ts'
import { printableLine } from './printable.ts'
import type { Paint } from './style.ts'
import { someOf } from './words.ts'

/** A note in one line, a warning in one that stands out; the hint below it. */
export function noteLines(
  note: NoteTold,
  { paint, hosts = [] }: { readonly paint: Paint; readonly hosts?: readonly string[] },
): readonly string[] {
  const on = hosts.length === 0 ? '' : paint('faint', ` (${someOf(hosts.map(printableLine), 3)})`)
  const message = printableLine(note.message)
  const line =
    note.level === 'warning' ? `${paint('warning', '⚠ warning:')} ${message}` : `${paint('place', 'ℹ')} ${message}`
  return [line + on, ...hintLines(note.hint, paint)]
}

/** Keeps notes until there is room for them; what several hosts tell is said once. */
export class Notes {
  #kept = new Map<string, { note: NoteTold; hosts: Set<string> }>()

  keep(note: NoteTold): void {
    const key = JSON.stringify([note.level, note.message, note.hint])
    const kept = this.#kept.get(key) ?? { note, hosts: new Set<string>() }
    if (note.host !== undefined) kept.hosts.add(note.host)
    this.#kept.set(key, kept)
  }

  /** All that was kept, warnings last; `hasOneHost` leaves out where, since there is no other place. */
  take({ paint, hasOneHost }: { readonly paint: Paint; readonly hasOneHost: boolean }): readonly string[] {
    const all = [...this.#kept.values()].sort((one, other) => rank(one.note) - rank(other.note))
    this.#kept = new Map()
    return all.flatMap(({ note, hosts }) => noteLines(note, { paint, hosts: hasOneHost ? [] : [...hosts] }))
  }
}

function rank(note: NoteTold): number {
  return note.level === 'warning' ? 1 : 0
}
