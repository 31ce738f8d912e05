import { createHash } from 'node:crypto'
import { TasksError } from '../../core/errors.ts'
import type { PutOptions, PutSource, Transfer } from '../../core/free-form.ts'
import type { TransferOrder } from '../../program/transfer.ts'
import { type Payload, payloadOf } from './payload.ts'
import { piecesUntil } from './pieces.ts'
import { type Exchange, openExchange, stopped } from './transfer-exchange.ts'
import { lostError, refusalError, unknownError } from './transfer-failure.ts'
import { otherUser, type SplitPath, splitPath, type TransferPlace } from './transfer-place.ts'
import { type Telling, telling } from './transfer-telling.ts'

/**
 * Writes a file, a folder or a stream to the host, over one channel, as it is read. It is written beside its target, with its final mode and
 * owner, and takes the target's place when its length and checksum are right: whatever happens before, the target is as it was.
 */
export async function put(
  place: TransferPlace,
  source: PutSource,
  target: string,
  options: PutOptions = {},
): Promise<Transfer> {
  const name = typeof source === 'string' ? source : 'stream'
  const told = typeof source === 'string' ? JSON.stringify(source) : 'a stream'
  const cannot = place.mask(`Cannot put ${told} to ${JSON.stringify(target)} on "${place.host}"`)
  const payload = await payloadOf(source, { cannot, localFolder: place.localFolder })
  const split = targetOf(target, { cannot, kind: payload.kind, folder: place.folder })
  const order: TransferOrder = {
    verb: 'put',
    kind: payload.kind,
    ...split,
    as: otherUser(options.as, place),
    mode: modeOf(options.mode, cannot) ?? payload.mode,
    owner: options.owner,
    isReplacing: options.replace === true,
  }
  const about = { cannot, told: place.mask(told), target, order }
  return telling({ direction: 'put', source: name, target }, place, (tell) => carry(place, payload, { about, tell }))
}

interface About {
  readonly cannot: string
  readonly told: string
  readonly target: string
  readonly order: TransferOrder
}

async function carry(
  place: TransferPlace,
  payload: Payload,
  { about, tell }: { readonly about: About; readonly tell: Telling },
) {
  const { order, target } = about
  const user = order.as ?? place.connection.user
  const failing = { ...about, host: place.host, path: target, parent: order.parent, user, mask: place.mask }
  const opening = await openExchange(order, place)
  if (opening.kind === 'lost') throw lostError(opening.because, failing)
  if (opening.kind === 'refused') throw refusalError(opening, failing)
  const { exchange } = opening
  tell.begin(payload.total)
  const { reply, isSealed } = await upload(exchange, payload, { tell, signal: place.signal })
  if (reply?.[0] === 'done') return payload.count()
  if (place.signal.aborted && !isSealed) throw stopped(place.host)
  if (reply !== undefined) {
    throw refusalError({ kind: 'refused', why: reply[1] ?? '', words: await exchange.reader.words() }, failing)
  }
  const because = await exchange.whyEnded()
  throw isSealed ? unknownError(because, { told: about.told, path: target }) : lostError(because, failing)
}

interface Uploaded {
  /** The host's last word; undefined where it did not say it. */
  readonly reply: readonly string[] | undefined
  /** The host was told to go on: from then until its last word nobody knows which of the two the target is. Before, it is as it was. */
  readonly isSealed: boolean
}

/** Sends all of it, hears that it is there whole, and lets it take its place. A source that fails takes the transfer with it. */
async function upload(
  exchange: Exchange,
  payload: Payload,
  { tell, signal }: { readonly tell: Telling; readonly signal: AbortSignal },
): Promise<Uploaded> {
  const { channel, reader } = exchange
  const end = () => channel.end()
  signal.addEventListener('abort', end)
  try {
    await send(exchange, payload, tell)
    const reply = await reader.reply()
    if (reply?.[0] !== 'whole') return { reply, isSealed: false }
    if (signal.aborted) return { reply: await reader.reply(), isSealed: false }
    await channel.write('go\n')
    return { reply: await reader.reply(), isSealed: true }
  } catch (error) {
    channel.end()
    // Its host has cleared up by then
    await channel.ended
    throw error
  } finally {
    signal.removeEventListener('abort', end)
    channel.end()
  }
}

/** Sends a source in pieces of told lengths, and what they come to; less where the host or the person wants no more. */
async function send({ channel, over }: Exchange, payload: Payload, tell: Telling): Promise<void> {
  const hash = createHash('sha256')
  let sum = 0
  let held: Uint8Array[] = []
  let size = 0
  const flush = async () => {
    if (size > 0) await channel.write(`${size}\n`)
    for (const piece of held) await channel.write(piece)
    held = []
    size = 0
    tell.passed(payload.count().bytes)
  }
  for await (const chunk of piecesUntil(payload.chunks(), over)) {
    for (let at = 0; at < chunk.length; at += frame) {
      const piece = chunk.subarray(at, at + frame)
      hash.update(piece)
      held.push(piece)
      size += piece.length
      sum += piece.length
      if (size >= frame) await flush()
    }
  }
  if (over.aborted) return
  await flush()
  await channel.write(`end ${sum} ${hash.digest('hex')}\n`)
}

/** The host takes in a piece with one process, and holds it in memory meanwhile. */
const frame = 1 << 20

function targetOf(
  target: string,
  {
    cannot,
    kind,
    folder,
  }: { readonly cannot: string; readonly kind: Payload['kind']; readonly folder: string | undefined },
): SplitPath {
  const split = splitPath(target, folder)
  const refuse = (because: string, hint: string) =>
    new TasksError({ code: 'usage', message: `${cannot}, because ${because}.`, hint })
  if (target.includes('\0')) throw refuse('a path cannot contain a NUL character', 'take it away')
  if (target === '' || split.name === '.')
    throw refuse('that names no file of its own', 'name the result itself: "/srv/app/dist"')
  if (kind === 'file' && target.endsWith('/')) throw refuse('that names a folder', 'name the file in it')
  return split
}

function modeOf(mode: string | undefined, cannot: string): string | undefined {
  if (mode === undefined || /^0?[0-7]{3}$/.test(mode)) return mode
  const message = `${cannot}, because ${JSON.stringify(mode)} is no mode.`
  throw new TasksError({ code: 'usage', message, hint: "write it in octal: mode: '0640'" })
}
