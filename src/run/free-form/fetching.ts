import { createHash } from 'node:crypto'
import { TasksError } from '../../core/errors.ts'
import type { TransferOrder } from '../../program/transfer.ts'
import { piecesUntil } from './pieces.ts'
import { type Exchange, openExchange, stopped } from './transfer-exchange.ts'
import { lostError, refusalError } from './transfer-failure.ts'
import { otherUser, splitPath, type TransferPlace } from './transfer-place.ts'

/** What a host sends: what it is, and its bytes, which throw at their end where they were not whole. */
export interface Fetching {
  readonly kind: 'file' | 'folder'
  /** Permissions on the host. */
  readonly mode: number
  /** Bytes of a file when it was opened. */
  readonly size?: number
  readonly data: AsyncIterable<Uint8Array>
  /** Lets the host off, whatever it still would send. */
  readonly leave: () => Promise<void>
}

interface Wanted {
  readonly verb: 'get' | 'read'
  readonly source: string
  readonly as: string | undefined
  /** `Cannot get "/srv/x" from "web1"` */
  readonly cannot: string
}

/** Asks a host for a file or a folder. Throws a TasksError where it has none to give. */
export async function fetching(place: TransferPlace, { verb, source, as, cannot }: Wanted): Promise<Fetching> {
  if (source === '' || source.includes('\0')) {
    const message = `${cannot}, because ${JSON.stringify(source)} is no path.`
    throw new TasksError({ code: 'usage', message, hint: 'name a file or a folder of the host' })
  }
  const order: TransferOrder = { verb, ...splitPath(source, place.folder), as: otherUser(as, place) }
  const user = order.as ?? place.connection.user
  const failing = { cannot, host: place.host, path: source, parent: order.parent, user, mask: place.mask }
  const opening = await openExchange(order, place)
  if (opening.kind === 'lost') throw lostError(opening.because, failing)
  if (opening.kind === 'refused') throw refusalError(opening, failing)
  const { exchange } = opening
  const [kind, mode, size] = exchange.about
  return {
    kind: kind === 'folder' ? 'folder' : 'file',
    mode: Number.parseInt(mode ?? '', 8) & 0o777 || 0o600,
    ...(Number.isSafeInteger(Number(size)) ? { size: Number(size) } : {}),
    data: whole(exchange, failing, place),
    leave: () => leave(exchange),
  }
}

async function* whole(
  exchange: Exchange,
  failing: Parameters<typeof refusalError>[1],
  { host, signal }: TransferPlace,
): AsyncGenerator<Uint8Array, void> {
  const { reader } = exchange
  const hash = createHash('sha256')
  for await (const chunk of piecesUntil(reader.data(), signal)) {
    hash.update(chunk)
    yield chunk
  }
  if (signal.aborted) throw stopped(host)
  const reply = await reader.reply()
  if (reply === undefined) throw lostError(await exchange.whyEnded(), failing)
  const why = reply[0] === 'refused' ? (reply[1] ?? '') : 'incomplete'
  if (reply[0] !== 'done' || reply[1] !== hash.digest('hex')) {
    throw refusalError({ kind: 'refused', why, words: await reader.words() }, failing)
  }
}

async function leave({ channel, giveUp }: Exchange): Promise<void> {
  giveUp()
  await channel.ended
}
