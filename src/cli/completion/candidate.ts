import { printableLine } from '../../render/printable.ts'

/** A word that could stand at the cursor. */
export interface Candidate {
  readonly value: string
  readonly summary: string
}

/** What could stand at the cursor: some words, or the path of a file. */
export type Offer = { readonly kind: 'words'; readonly candidates: readonly Candidate[] } | { readonly kind: 'files' }

export function words(candidates: readonly Candidate[]): Offer {
  return { kind: 'words', candidates }
}

export function named(values: Iterable<string>, summary = ''): readonly Candidate[] {
  return [...values].map((value) => ({ value, summary }))
}

/** Each once, without those that no line of an answer can hold or no terminal can show. */
export function tellable(candidates: readonly Candidate[]): readonly Candidate[] {
  const byValue = new Map(candidates.map((candidate) => [candidate.value, candidate]))
  return [...byValue.values()].flatMap(({ value, summary }) =>
    value === '' || value.length > 500 || /[\p{C}\p{Zl}\p{Zp}]/u.test(value)
      ? []
      : [{ value, summary: printableLine(summary).replace(/\s+/g, ' ').slice(0, 200) }],
  )
}
