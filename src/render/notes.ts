import type { NoteTold } from '../core/event.ts'
import { hintLines } from './failures.ts'
import { printableLine } from './printable.ts'
import type { Scene } from './scene.ts'
import type { Paint } from './style.ts'
import { fold } from './width.ts'
import { someOf } from './words.ts'

/** A note in one line, a warning in one that stands out; the hint below it. */
export function noteLines(note: NoteTold, paint: Paint, hosts: readonly string[] = []): readonly string[] {
  const on = hosts.length === 0 ? '' : paint('faint', ` (${someOf(hosts.map(printableLine), 3)})`)
  const message = printableLine(note.message)
  const head = note.level === 'warning' ? paint('warning', '⚠ warning:') : paint('place', 'ℹ')
  return [`${head} ${message}${on}`, ...hintLines(note.hint, paint)]
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

  /** All that was kept, warnings last; where there is only one host, it is not named. */
  take({ paint, progress, width }: Scene): readonly string[] {
    const all = [...this.#kept.values()].sort((one, other) => rank(one.note) - rank(other.note))
    this.#kept = new Map()
    return all.flatMap(({ note, hosts }) => {
      const [head = '', ...hint] = noteLines(note, paint, progress.hosts.size < 2 ? [] : [...hosts])
      return [...fold(head, width('stderr'), 2), ...hint]
    })
  }
}

function rank(note: NoteTold): number {
  return note.level === 'warning' ? 1 : 0
}
