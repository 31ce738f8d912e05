import { createHash } from 'node:crypto'
import { hiddenTexts } from './hidden.ts'
import type { Shell } from './sh.ts'

/**
 * A file that steps may read on the host. Interpolated in shell text it is the path of the file there.
 *
 * - `content` is named by its SHA-256; the host keeps it and asks for it only if it lacks it.
 * - `secret` goes with the program on every run, is kept in memory-backed storage only, and is gone when the run ends.
 * - `stream` is made when the host asks for it: the host's answer to `question` (one short text) tells the client what
 *   the host already has. Only asked for when something is to be applied, never in a dry run.
 */
export type Data = Content | Secret | Stream

export interface Content {
  readonly kind: 'content'
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly id: string
  readonly bytes: Uint8Array
}

export interface Secret {
  readonly kind: 'secret'
  /** `[a-z0-9.-]+`, unique in a program. */
  readonly id: string
  readonly bytes: Uint8Array
  /** What is masked wherever a machine says it: the whole, or the values inside. */
  readonly hidden: readonly string[]
}

export interface Stream {
  readonly kind: 'stream'
  /** `[a-z0-9.-]+`, unique in a program. */
  readonly id: string
  /** Name of the host function that answers, in shell text: prints what the host has; exits 0 when nothing is needed. */
  readonly question: Shell
  /** The user who asks, and who may read the file. */
  readonly as: string
  /** Makes the bytes from the answer; rejects with a TasksError. */
  readonly answer: (said: string) => Promise<Uint8Array>
}

/** Names bytes by their hash, so that a host that has them need not get them again. */
export function content(bytes: Uint8Array | string): Content {
  const exact = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes
  return { kind: 'content', id: sha256(exact), bytes: exact }
}

/**
 * A text that must be seen by nobody but its file. `id` appears in program text and in messages; the text never does.
 * `hidden` are the values inside it that a machine's output is masked for; the whole text where none is given.
 */
export function secret(
  id: string,
  text: string,
  { hidden = [text] }: { readonly hidden?: readonly string[] } = {},
): Secret {
  return { kind: 'secret', id, bytes: new TextEncoder().encode(text), hidden }
}

/** What of these files nobody may read in an output: every text that gives a hidden value away, the longest first. */
export function hiddenIn(data: readonly Data[]): readonly string[] {
  return hiddenTexts(data.flatMap((item) => (item.kind === 'secret' ? item.hidden : [])))
}

/** SHA-256 in hexadecimal. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}
