import { choose } from '../config/choose.ts'
import { loadApp } from '../config/load-app.ts'
import type { Host } from '../core/app.ts'
import { TasksError } from '../core/errors.ts'
import { attach } from '../run/index.ts'
import { connectTo } from './connect-to.ts'
import { type Ending, endingOf } from './ending.ts'
import { knownPlaces } from './known-places.ts'
import { asksOf, type OutputFlags, rendererFor, withEvent } from './outlet.ts'
import { door } from './task-list.ts'

/** What was typed. */
export interface AttachFlags extends OutputFlags {
  readonly host?: string | undefined
  readonly site?: string | undefined
  readonly run?: string | undefined
  readonly config?: string | undefined
}

/** From what was typed to what the followed run came to. */
export async function attachTo(flags: AttachFlags): Promise<Ending> {
  try {
    return await followed(flags, await placeOf(flags))
  } catch (error) {
    return flags.json === true ? withEvent(error) : endingOf(error)
  }
}

interface Place {
  readonly host: Host
  readonly site: string | undefined
}

async function followed(flags: AttachFlags, { host, site }: Place): Promise<Ending> {
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

/** One Ctrl-C is enough, since it stops nothing but the following. */
function listenForLeave() {
  const leave = new AbortController()
  const interrupt = () => leave.abort()
  const names = ['SIGINT', 'SIGTERM'] as const
  for (const name of names) process.on(name, interrupt)
  const release = () => {
    for (const name of names) process.off(name, interrupt)
  }
  return { signal: leave.signal, interrupt, release }
}

/** A run is followed from anywhere: neither a project nor a stage's files are needed for that. */
async function placeOf({ host, site: siteName, config }: AttachFlags): Promise<Place> {
  const cwd = process.cwd()
  const { app } = await loadApp({ cwd, config, door })
  const { hosts, site } = await choose(
    { ...app, stages: {} },
    { hosts: host === undefined ? [] : [host], site: siteName },
    {
      task: 'attach',
      needsSite: false,
      needsHost: true,
      hasProject: true,
      ...knownPlaces(app),
    },
  )
  const [first, ...others] = hosts
  if (first === undefined || others.length > 0) {
    throw new TasksError({
      code: 'usage',
      message: `Cannot attach, because the config has ${hosts.length} hosts, and a run is followed on one.`,
      hint: `add --host with one of: ${hosts.map(({ name }) => name).join(', ')}`,
    })
  }
  return { host: first, site: site?.name }
}
