import { doorTo } from '../project/task-list.ts'

/** What a project's modules may import; `runners` are what this door itself is behind, so that it cannot import them. */
export async function doorOf(runners: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
  return await doorTo({ ...(await import('../index.ts')), ...runners })
}
