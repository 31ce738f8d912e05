import { doorTo } from '../project/task-list.ts'

/** What a project's modules may import here: all that the package has. */
export async function door(): Promise<Readonly<Record<string, unknown>>> {
  return await doorTo(await import('../door.ts'))
}
