import { connectTo } from '../project/connect-to.ts'
import type { RunPlace } from '../project/run-place.ts'
import { attach } from '../run/index.ts'
import { type Ending, endingOf } from './ending.ts'
import { listenForLeave } from './leave.ts'
import { asksOf, type OutputFlags, rendererFor, withEvent } from './outlet.ts'
import { type RunPlaceFlags, runPlace } from './run-place.ts'

/** What was typed. */
export interface AttachFlags extends OutputFlags, RunPlaceFlags {
  readonly run?: string | undefined
}

/** From what was typed to what the followed run came to. */
export async function attachTo(flags: AttachFlags): Promise<Ending> {
  try {
    return await followed(flags, await runPlace('attach', flags))
  } catch (error) {
    return flags.json === true ? withEvent(error) : endingOf(error)
  }
}

async function followed(flags: AttachFlags, { host, site }: RunPlace): Promise<Ending> {
  const renderer = rendererFor(flags)
  const { signal, interrupt, release } = listenForLeave()
  const ask = await asksOf(renderer, { kill: signal, interrupt })
  try {
    const { emit } = renderer
    const run = flags.run
    return await attach({ host, site, run, emit, ask, stop: signal, kill: signal, connect: connectTo })
  } finally {
    await renderer.end()
    release()
  }
}
