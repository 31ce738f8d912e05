import type { Counts } from '../core/counts.ts'
import type { Verdict } from '../core/step.ts'
import type { Style } from './style.ts'

/** How each verdict is shown in a row, in every renderer. */
export const marks: Readonly<Record<Verdict, { readonly icon: string; readonly style: Style }>> = {
  met: { icon: '✔', style: 'faint' },
  changed: { icon: '✔', style: 'good' },
  'would change': { icon: '~', style: 'pending' },
  after: { icon: '↳', style: 'later' },
  skipped: { icon: '○', style: 'pending' },
  failed: { icon: '✖', style: 'bad' },
  unknown: { icon: '?', style: 'bad' },
}

/** `12 changed, 23 already so`: what is none is not said. */
export function countWords(counts: Counts): string {
  return listed([
    [counts.changed, 'changed'],
    [counts.wouldChange, 'would change'],
    [counts.after, 'decided after them'],
    [counts.met, 'already so'],
    [counts.skipped, 'skipped'],
    [counts.failed, 'failed'],
    [counts.unknown, 'unknown'],
  ])
}

export function listed(parts: readonly (readonly [count: number, words: string])[]): string {
  return parts
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${count} ${words}`)
    .join(', ')
}

export function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** `web1, web2 and 3 more` */
export function someOf(names: readonly string[], shown: number): string {
  if (names.length <= shown + 1)
    return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  return `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`
}

/** `640 B`, `12.3 kB`, `1.2 MB` */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`
  if (count < 999_950) return `${(count / 1000).toFixed(1)} kB`
  return `${(count / 1_000_000).toFixed(1)} MB`
}
