import { readFile } from 'node:fs/promises'
import type { App, Host, Site } from '../core/app.ts'
import type { Secret } from '../core/data.ts'
import { isTasksError } from '../core/errors.ts'
import { stageVariables } from '../steps/dotenv.ts'

/**
 * What a machine may say that nobody should read, whichever task it is: the variables of the stage of the run's site, or of all sites of its hosts.
 * A task that reads a dotenv file says what is wrong with it; here a broken one hides nothing.
 */
export async function hiddenValues(
  app: App,
  { site, hosts }: { readonly site: Site | undefined; readonly hosts: readonly Host[] },
): Promise<readonly string[]> {
  const isThere = (one: Site) => hosts.some(({ name }) => name === one.host)
  const sites = site === undefined ? Object.values(app.sites).filter(isThere) : [site]
  const values = await Promise.all(sites.map((one) => valuesOf(app, one)))
  return [...new Set(values.flat())]
}

async function valuesOf({ stages }: App, { name, aliases, stage }: Site): Promise<readonly string[]> {
  const file = stage === undefined ? undefined : stages[stage]?.dotenv
  if (stage === undefined || file === undefined) return []
  const bytes = await readFile(file).catch(() => Buffer.alloc(0))
  try {
    return stageVariables(bytes, file, [name, ...aliases, stage]).lines.hidden
  } catch (error) {
    if (isTasksError(error)) return []
    throw error
  }
}

/** What of a task's arguments nobody should read. */
export function secretsIn(values: readonly unknown[]): readonly string[] {
  return values.flat().flatMap((value) => (isSecret(value) ? value.hidden : []))
}

function isSecret(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'secret'
}
