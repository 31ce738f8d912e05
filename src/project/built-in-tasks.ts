import type { AnyTask } from '../core/task.ts'

/** The modules of the tasks that come with the program, by name, in the order in which they are done. */
export async function builtInModules() {
  // One after the other: from sources, two loads of the same module at once meet it half made (jiti 2.7).
  const provision = await import('../../tasks/provision.ts')
  const deploy = await import('../../tasks/deploy.ts')
  const verify = await import('../../tasks/verify.ts')
  const releases = await import('../../tasks/releases.ts')
  const rollback = await import('../../tasks/rollback.ts')
  const restart = await import('../../tasks/restart.ts')
  const status = await import('../../tasks/status.ts')
  const runs = await import('../../tasks/runs.ts')
  const exec = await import('../../tasks/exec.ts')
  return { provision, deploy, verify, releases, rollback, restart, status, runs, exec }
}

/** The tasks that come with the program, in the order in which they are done. */
export async function builtInTasks(): Promise<readonly AnyTask[]> {
  const modules = await builtInModules()
  return [
    modules.provision.provision,
    modules.deploy.deploy,
    modules.verify.verify,
    modules.releases.releases,
    modules.rollback.rollback,
    modules.restart.restart,
    modules.status.status,
    modules.runs.runs,
    modules.exec.exec,
  ]
}
