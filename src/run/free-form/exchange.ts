import type { Channel, ChannelEnd, Window } from '../../core/connection.ts'
import {
  type Begun,
  begunOf,
  type CommandParts,
  commandBootstrap,
  commandInput,
  commandReady,
} from '../../program/command.ts'
import { refusalOf } from '../bootstrap-failure.ts'
import { answerSudo, type SudoTold, unasked } from '../sudo.ts'
import { Ear } from './ear.ts'
import type { Machine } from './machine.ts'

export type Side = 'stdout' | 'stderr'

/** A command on its way to a machine, and who listens to it. */
export interface Errand {
  readonly parts: CommandParts
  /** Who runs it, where that is not the login user. */
  readonly as: string | undefined
  readonly pty: Window | undefined
  /** Lets go of it. */
  readonly signal: AbortSignal
  /** It is about to be sent: what waits for a person is over. */
  readonly onSent: (channel: Channel) => void
  readonly onBegun: (begun: Begun, channel: Channel) => void
  readonly onHeard: (side: Side, bytes: Uint8Array, channel: Channel) => void
}

/** How it ended; `instead` is what the host said where its folder was not to be entered, and it did not begin. */
export interface Ended {
  readonly end: ChannelEnd
  readonly begun: Begun | undefined
  readonly instead: string | undefined
}

/** Carries a command out: one channel, and no more words than it takes. Rejects with a TasksError where the host refuses to run it. */
export async function exchange(machine: Machine, errand: Errand): Promise<Ended> {
  const { as } = errand
  const isUnasked = as !== undefined && machine.unasked.has(as)
  const found = await once(machine, errand, isUnasked)
  if ('begun' in found) return found
  // What sudo remembered of an earlier answer it may have forgotten; nothing was run, and now it may ask.
  if (isUnasked) {
    machine.unasked.delete(as)
    return await exchange(machine, errand)
  }
  const { user } = machine.connection
  throw refusalOf({ host: machine.host ?? 'this machine', user, ...found, ...(as && { as }) })
}

type Refused = { readonly end: ChannelEnd; readonly noise: string; readonly sudo: SudoTold }

async function once(machine: Machine, errand: Errand, isUnasked: boolean): Promise<Ended | Refused> {
  const given = new AbortController()
  const { as, pty } = errand
  const become = as === undefined ? undefined : { as, asks: !isUnasked }
  const signal = AbortSignal.any([errand.signal, given.signal])
  const channel = await machine.connection.open(commandBootstrap(become), { signal, ...(pty && { pty }) })
  try {
    return await talkOver(channel, machine, { ...errand, isReady: as === undefined || isUnasked })
  } catch (error) {
    given.abort()
    throw error
  }
}

async function talkOver(
  channel: Channel,
  machine: Machine,
  errand: Errand & { readonly isReady: boolean },
): Promise<Ended | Refused> {
  const { parts, as, pty, isReady } = errand
  let begun: Begun | undefined
  let instead: string | undefined
  let sudo = unasked
  let isSent = false
  const send = () => {
    isSent = true
    machine.waited()
    void channel.write(commandInput(parts))
    errand.onSent(channel)
  }
  const onMark = (words: string) => {
    begun = begunOf(words)
    if (begun) errand.onBegun(begun, channel)
    else instead = words
  }
  const onNoise = async (noise: string) => {
    if (as === undefined || isSent) return
    const by = { ...machine, host: machine.host ?? '' }
    sudo = await answerSudo(channel, { noise, before: sudo, user: machine.connection.user, by })
    if (!noise.includes(commandReady)) return
    if (sudo.prompts === 0) machine.unasked.add(as)
    send()
  }
  const ears = {
    stdout: new Ear(parts.mark, { onNoise: pty ? onNoise : quiet, onMark }),
    stderr: new Ear(parts.mark, { onNoise, onMark: () => {} }),
  }
  const listen = async (side: Side) => {
    for await (const chunk of channel[side]) {
      const heard = await ears[side].hear(chunk)
      if (heard.length > 0) errand.onHeard(side, heard, channel)
    }
  }
  if (isReady) send()
  await Promise.all([listen('stdout'), listen('stderr')])
  const end = await channel.ended
  if (begun || instead !== undefined || end.kind === 'lost') return { end, begun, instead }
  return { end, noise: ears[pty ? 'stdout' : 'stderr'].noise.replace(`${commandReady}\n`, ''), sudo }
}

async function quiet(): Promise<void> {}
