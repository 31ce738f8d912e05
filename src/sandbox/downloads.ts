import { existsSync, linkSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './shell.ts'
import type { HostState } from './state.ts'

/** Each host has an archives folder of its own, so that APT's lock on it is its own too; the files in it are the pool's, by hard links. */
export async function lendDownloads(state: HostState, folder: string): Promise<void> {
  mkdirSync(pipFolder(state), { recursive: true })
  await openPip(state)
  const pool = poolFolder(state)
  const archives = join(folder, 'upper/var/cache/apt/archives')
  mkdirSync(pool, { recursive: true })
  mkdirSync(archives, { recursive: true })
  for (const name of readdirSync(pool)) {
    if (isOld(join(pool, name))) rmSync(join(pool, name))
    else if (!existsSync(join(archives, name))) linkSync(join(pool, name), join(archives, name))
  }
}

/** Keeps what a host downloaded for the next ones. */
export async function keepDownloads(state: HostState, folder: string): Promise<void> {
  await openPip(state)
  const archives = join(folder, 'upper/var/cache/apt/archives')
  if (!existsSync(archives)) return
  for (const name of readdirSync(archives)) {
    const path = join(archives, name)
    if (!name.endsWith('.deb') || !lstatSync(path).isFile()) continue
    if (!existsSync(join(poolFolder(state), name))) tryLink(path, join(poolFolder(state), name))
  }
}

/** Another host may keep the same package at the same moment. */
function tryLink(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** A link to a file changes its ctime, so that is when it was last lent. */
function isOld(path: string): boolean {
  return Date.now() - lstatSync(path).ctimeMs > 30 * 24 * 3600 * 1000
}

function poolFolder(state: HostState): string {
  return join(state.cache, 'apt', String(state.debian))
}

/** pip's cache, one for all hosts of a release: root owns it and anybody may write, so that pip takes it for whoever runs it. */
export function pipFolder(state: Pick<HostState, 'cache' | 'debian'>): string {
  return join(state.cache, 'pip', String(state.debian))
}

/** pip writes for its own user's eyes; the next host's user may have another number. */
async function openPip(state: HostState): Promise<void> {
  await run(['chmod', '-R', 'a+rwX', pipFolder(state)])
}
