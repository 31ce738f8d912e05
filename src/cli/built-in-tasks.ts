import type { AnyTask } from '../core/task.ts'

/** The tasks that come with the program, each loaded only when it is wanted. */
export async function builtInTasks(): Promise<readonly AnyTask[]> {
  const [{ provision }, { deploy }, { verify }] = await Promise.all([
    import('../../tasks/provision.ts'),
    import('../../tasks/deploy.ts'),
    import('../../tasks/verify.ts'),
  ])
  return [provision, deploy, verify]
}
