import type { App, Site } from '../core/app.ts'
import { TasksError } from '../core/errors.ts'
import type { ChoiceContext } from './choice-context.ts'
import { didYouMean } from './suggestion.ts'

export async function unknownHost(app: App, word: string, context: ChoiceContext): Promise<TasksError> {
  const known = [...Object.keys(app.hosts), ...(await context.sandboxNames())]
  const config = context.configName ?? 'a config'
  return new TasksError({
    code: 'usage',
    message: `Cannot find host ${JSON.stringify(word)}, because neither ${config} nor the sandbox, ssh_config or DNS knows it.`,
    hint: didYouMean(
      word,
      known,
      known.length === 0 ? 'write it as user@address:port' : `use one of: ${known.join(', ')}; or user@address:port`,
    ),
  })
}

export function unknownGroup(word: string, known: readonly string[], configName: string | undefined): TasksError {
  const names = known.map((name) => `@${name}`)
  return new TasksError({
    code: 'usage',
    message: `Cannot find group ${JSON.stringify(word)}, because ${configName ?? 'there is no config, and so it'} has no such group.`,
    hint: didYouMean(
      word,
      names,
      names.length === 0 ? 'add it to groups in the config' : `use one of: ${names.join(', ')}`,
    ),
  })
}

export function unknownSite(app: App, name: string, { configName }: ChoiceContext): TasksError {
  const known = Object.keys(app.sites)
  const because =
    configName === undefined ? 'there is no config that says where it is' : `${configName} has no such site`
  return new TasksError({
    code: 'usage',
    message: `Cannot find site "${name}", because ${because}.`,
    hint: didYouMean(
      name,
      known,
      known.length === 0 ? 'add --host user@address' : `use one of: ${known.join(', ')}; or add --host`,
    ),
  })
}

export function notOneSite(app: App, candidates: readonly Site[], { task }: ChoiceContext): TasksError {
  const names = (candidates.length === 0 ? Object.values(app.sites) : candidates).map(({ name }) => name)
  const because = candidates.length === 0 ? 'no site is named' : `there are ${candidates.length} sites`
  const hint =
    names.length === 0
      ? 'add --site staging.example.com --host user@address'
      : `add --site with one of: ${names.join(', ')}`
  return new TasksError({ code: 'usage', message: `Cannot ${task}, because ${because}.`, hint })
}

export function noHost({ task }: ChoiceContext): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot ${task}, because no host is named.`,
    hint: 'add --host user@address',
  })
}

export function tooManyHosts(count: number, { task }: ChoiceContext): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot ${task}, because a site runs on one host, and ${count} are named.`,
    hint: 'name one host',
  })
}

export function noProject(app: App, { task }: ChoiceContext): TasksError {
  return new TasksError({
    code: 'config',
    message: `Cannot ${task}, because there is neither a config nor a manage.py in "${app.root}".`,
    hint: "run it in your project's folder, or write a tasks.config.ts",
  })
}
