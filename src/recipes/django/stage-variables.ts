import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import type { App, Stage } from '../../core/app.ts'
import { TasksError } from '../../core/errors.ts'
import { type StageVariables, stageVariables } from '../../steps/dotenv.ts'
import type { Environment } from '../../steps/environment-file.ts'
import type { DjangoProject } from './detect.ts'
import { environmentFor } from './environment.ts'
import type { Context } from './release-context.ts'

/** The variables of the site's stage; undefined where it has no dotenv file. Rejects with a TasksError that never shows a value. */
export async function variablesOf({ app: { root }, site, stage }: Context): Promise<StageVariables | undefined> {
  if (stage?.dotenv === undefined) return undefined
  const name = relative(root, stage.dotenv)
  const bytes = await readFile(stage.dotenv).catch((cause: NodeJS.ErrnoException) => {
    const because = cause.code === 'ENOENT' ? 'it does not exist' : cause.message
    throw new TasksError({
      code: 'config',
      message: `Cannot read the dotenv file "${name}", because ${because}.`,
      hint: `make it, or remove stages.${stage.name}.dotenv`,
      cause,
    })
  })
  return stageVariables(bytes, name, [site.name, ...site.aliases, stage.name])
}

/** How a person knows where a variable of this site is set. */
export function dotenvName({ root }: App, stage: Stage | undefined): string {
  if (stage === undefined) return 'a dotenv file, and name it in the config: stages.NAME.dotenv, and the stage in sites'
  return stage.dotenv === undefined
    ? `a dotenv file, and name it in the config: stages.${stage.name}.dotenv`
    : `${relative(root, stage.dotenv)} (stages.${stage.name}.dotenv)`
}

/** The environment of a release's processes; warns where the settings cannot take all of the site's names. */
export function environmentOf(
  { site, note }: Context,
  { project, variables }: { readonly project: DjangoProject; readonly variables: StageVariables | undefined },
): Environment {
  const names = variables?.names ?? []
  const found = environmentFor(project, { siteName: site.name, aliases: site.aliases, stageDotenvNames: names })
  for (const name of found.singleHostNames) {
    note({
      level: 'warning',
      message: `The settings take one host from "${name}", so the aliases of "${site.name}" may be refused.`,
    })
  }
  const settings = names.includes('DJANGO_SETTINGS_MODULE') ? {} : { DJANGO_SETTINGS_MODULE: project.settings }
  return { computed: { ...settings, ...found.values }, keyNames: found.secretKeyNames, stage: variables?.lines }
}
