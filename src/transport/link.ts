import type { Readable, Writable } from 'node:stream'
import type { Ask } from '../core/ask.ts'
import type { ChannelEnd } from '../core/connection.ts'
import type { Place } from './refusals.ts'

/** The questions of a login; one that cannot be asked is refused. */
export type Prompts = Pick<Ask, 'passphrase' | 'password' | 'acceptHostKey' | 'touch'>

export interface LinkOptions {
  readonly prompts: Prompts
  readonly signal: AbortSignal
  readonly underway: () => void
  readonly connectTimeoutSeconds: number | undefined
  readonly retries: number
}

/** A logged-in SSH connection to one host, whatever speaks SSH for us. */
export interface Link {
  readonly place: Place
  exec(command: string): Promise<Opened>
  /** What has crossed this link and is not counted by the link that carries it. */
  bytes(): { readonly sent: number; readonly received: number }
  /** Resolves once the connection is gone, whoever ended it, with the reason in plain words. */
  readonly gone: Promise<string>
  /** That reason, as soon as the connection is gone. */
  goneBecause(): string | undefined
  close(): Promise<void>
}

/** `isFull`: the host has no room for one more session just now. */
export type Opened = { readonly session: Session } | { readonly error: Error; readonly isFull: boolean }

/** One command's streams, as what speaks SSH has them. */
export interface Session {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** How the host said that the command ended; undefined as long as it has not. */
  end(): ChannelEnd | undefined
  /** Resolves when the host has nothing more to say about it; perhaps never, where the connection is lost. */
  readonly closed: Promise<void>
  close(): void
}
