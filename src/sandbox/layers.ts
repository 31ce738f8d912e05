import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { TasksError } from '../core/errors.ts'
import { powerOff } from './boot.ts'
import { hostFolder, unmount } from './disk.ts'
import { takeDown } from './down.ts'
import { keepDownloads } from './downloads.ts'
import { inCache, makeFolders, stateFolder } from './folders.ts'
import type { Debian } from './host.ts'
import { locked } from './lock.ts'
import { run } from './shell.ts'
import { knownState, readStates } from './state.ts'

interface Layer {
  readonly debian: Debian
  /** The folders of the layer and of all that is under it, top first. */
  readonly folders: readonly string[]
}

/**
 * Makes what a host differs in a read-only layer, on which later hosts stack with `from`. The host is shut down for it and is gone
 * afterwards: its disk becomes the layer. A layer is never replaced, since hosts may stand on it.
 */
export async function sandboxFreeze({ name, layer }: { readonly name: string; readonly layer: string }): Promise<void> {
  const state = knownState(name)
  checkLayerName(layer)
  if (hasLayer(layer)) {
    const message = `Cannot freeze "${name}" as "${layer}", because that layer exists.`
    throw new TasksError({ code: 'usage', message, hint: 'choose another name for the layer' })
  }
  await powerOff(state)
  await unmount(state)
  await keepDownloads(state, hostFolder(state))
  const making = inCache('layers', `${layer}.${process.pid}.making`)
  mkdirSync(making, { recursive: true })
  renameSync(join(hostFolder(state), 'upper'), join(making, 'upper'))
  const folders = [join(inCache('layers', layer), 'upper'), ...state.lower]
  writeFileSync(join(making, 'layer.json'), JSON.stringify({ debian: state.debian, folders } satisfies Layer))
  renameSync(making, inCache('layers', layer))
  await takeDown(state)
}

export function hasLayer(layer: string): boolean {
  return existsSync(join(inCache('layers', layer), 'layer.json'))
}

/** Removes a layer on which no host stands any more. */
export async function removeLayer(layer: string): Promise<void> {
  checkLayerName(layer)
  await run(['rm', '-rf', '--one-file-system', inCache('layers', layer)])
}

/** Removes the layers whose name starts so, on which nothing stands and of which nobody made use for a day. */
export function pruneLayers(prefix: string): Promise<void> {
  return locked(stateFolder, async () => {
    const names = readdirSync(inCache('layers')).filter(hasLayer)
    const below = names.flatMap((name) => readLayer(name).folders.slice(1))
    const used = new Set([...below, ...readStates().flatMap((state) => state.lower)])
    for (const name of names.filter((name) => name.startsWith(prefix))) {
      const idle = Date.now() - statSync(inCache('layers', name, 'layer.json')).mtimeMs
      if (idle > 24 * 3600 * 1000 && !used.has(inCache('layers', name, 'upper'))) await removeLayer(name)
    }
  })
}

export function layerFolders(layer: string, debian: Debian): readonly string[] {
  checkLayerName(layer)
  if (!hasLayer(layer)) throw new TasksError({ code: 'usage', message: `There is no sandbox layer "${layer}".` })
  const found = readLayer(layer)
  utimesSync(inCache('layers', layer, 'layer.json'), new Date(), new Date())
  if (found.debian === debian) return found.folders
  const message = `Cannot stack Debian ${debian} on "${layer}", because that layer is Debian ${found.debian}.`
  throw new TasksError({ code: 'usage', message })
}

/** Runs `work` while nobody else on this machine does the work of that name: two test runs that both miss a layer make it once. */
export function withLock<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
  makeFolders()
  checkLayerName(name)
  return locked(inCache('locks', name), work)
}

function readLayer(layer: string): Layer {
  return JSON.parse(readFileSync(inCache('layers', layer, 'layer.json'), 'utf8')) as Layer
}

function checkLayerName(layer: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(layer)) return
  const message = `Cannot name a sandbox layer "${layer}", because a name is lower-case letters, digits and dashes.`
  throw new TasksError({ code: 'usage', message })
}
