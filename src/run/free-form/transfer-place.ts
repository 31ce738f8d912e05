import { userInfo } from 'node:os'
import type { Connection } from '../../core/connection.ts'
import type { Emit } from '../../core/event.ts'
import type { Sender } from '../delivery.ts'
import type { Mask } from '../mask.ts'

/** Where files go from and to, and who is asked and told meanwhile. */
export interface TransferPlace extends Pick<Sender, 'host' | 'ask' | 'passwords' | 'waited'> {
  readonly connection: Connection
  /** What relative paths of the host are of: absolute, or of the login user's home, which it is where absent. */
  readonly folder?: string | undefined
  /** What relative paths of this machine are of; absolute. */
  readonly localFolder: string
  readonly emit: Emit
  readonly mask: Mask
  /** Ends a transfer: what was there stays as it was. */
  readonly signal: AbortSignal
}

/** A path of the host in two: the folder that it is in, and its name there. */
export interface SplitPath {
  readonly parent: string
  readonly name: string
}

/** Splits without looking: `..` stays, since on the host it may lead through a link. */
export function splitPath(path: string, folder: string | undefined): SplitPath {
  const whole = path.startsWith('/') || folder === undefined ? path : `${folder}/${path}`
  const trimmed = whole.replace(/(?<=[^/])\/+$/, '')
  const at = trimmed.lastIndexOf('/')
  const name = trimmed.slice(at + 1)
  if (['', '.', '..'].includes(name)) return { parent: trimmed, name: '.' }
  return { parent: at === -1 ? '.' : at === 0 ? '/' : trimmed.slice(0, at), name }
}

/** The other user, where it is one. */
export function otherUser(
  as: string | undefined,
  { connection }: Pick<TransferPlace, 'connection'>,
): string | undefined {
  return as === connection.user ? undefined : as
}

/** The name of this machine's user, for the head of a program. */
export function localUser(): string {
  return userInfo().username
}
