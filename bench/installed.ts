import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { say } from './hosts.ts'
import { peers } from './peers/index.ts'
import { own, ownOnNewNode } from './peers/own.ts'
import { tasks } from './peers/tasks.ts'
import { projectIn } from './project.ts'
import type { Results } from './results.ts'
import type { Entrant } from './rounds.ts'

const cache = join(import.meta.dirname, '../node_modules/.cache/tasks-bench')

/** Puts each tool into a folder of its own, with a checkout of the project in `scratch`. One that cannot be had is named, with the reason. */
export async function installed(
  tools: readonly string[] | undefined,
  scratch: string,
): Promise<{ readonly entrants: readonly Entrant[]; readonly absent: Results['absent'] }> {
  const entrants: Entrant[] = []
  const absent: { readonly name: string; readonly because: string }[] = []
  for (const peer of [tasks, own, ownOnNewNode, ...peers].filter(({ id }) => tools?.includes(id) ?? true)) {
    const folder = join(cache, peer.id)
    await mkdir(folder, { recursive: true })
    try {
      const version = await peer.install(folder)
      say(`${peer.name} ${version}`)
      const project = join(scratch, peer.id)
      await projectIn(project)
      entrants.push({ peer, version, folder, project, site: `${peer.id}.example.com` })
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error)
      say(`${peer.name} cannot be had: ${because}`)
      absent.push({ name: peer.name, because })
    }
  }
  return { entrants, absent }
}
