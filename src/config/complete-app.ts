import { homedir } from 'node:os'
import path from 'node:path'
import type { App, Host, Site, Stage } from '../core/app.ts'
import { keyPath } from './check.ts'
import { normalSiteName } from './names.ts'
import type { CheckedConfig } from './schema.ts'

/** Something a person should know before the run. */
export interface Note {
  readonly level: 'note' | 'warning'
  readonly message: string
  readonly hint?: string | undefined
}

interface Place {
  readonly root: string
  readonly configFile?: string | undefined
}

/** The checked words of a person as the rest of the program knows them: names on their values, paths absolute, domains as DNS has them. */
export function completeApp(
  config: CheckedConfig,
  { root, configFile }: Place,
): { readonly app: App; readonly notes: readonly Note[] } {
  const app: App = {
    root,
    configFile,
    project: config.app,
    hosts: named(config.hosts, (name, host) => completeHost(name, host, root)),
    groups: groupsOf(config),
    stages: named(config.stages, (name, stage): Stage => ({ ...stage, name, dotenv: pathFrom(root, stage.dotenv) })),
    sites: named(config.sites, (written, site): Site => ({ ...site, name: normalSiteName(written) })),
    provision: config.provision,
    verify: config.verify,
  }
  return { app, notes: Object.keys(config.sites).flatMap((written) => nameNotes(written, keyPath(['sites', written]))) }
}

/** An international name is another word on the host than in the config. */
export function nameNotes(written: string, where: string): readonly Note[] {
  const name = normalSiteName(written)
  return name === written.toLowerCase()
    ? []
    : [{ level: 'note', message: `${where}: its name on the host is "${name}".` }]
}

function completeHost(name: string, host: CheckedConfig['hosts'][string], root: string): Host {
  return {
    ...host,
    name,
    address: host.address ?? name,
    identityFile: pathFrom(root, host.identityFile),
    knownHostsFile: pathFrom(root, host.knownHostsFile),
  }
}

/** A role is a group of those that have it. */
function groupsOf({ hosts, groups }: CheckedConfig): App['groups'] {
  const all = Object.keys(hosts)
  const roles = [...new Set(Object.values(hosts).flatMap((host) => host.roles))]
  const byRole = roles.map((role) => [role, all.filter((name) => hosts[name]?.roles.includes(role))] as const)
  return { ...Object.fromEntries(byRole), ...groups, all }
}

function pathFrom(root: string, file: string | undefined): string | undefined {
  return file === undefined ? undefined : path.resolve(root, file.replace(/^~(?=\/|$)/, homedir()))
}

function named<From, To extends { readonly name: string }>(
  record: Readonly<Record<string, From>>,
  complete: (name: string, value: From) => To,
): Readonly<Record<string, To>> {
  const values = Object.entries(record).map(([name, value]) => complete(name, value))
  return Object.fromEntries(values.map((value) => [value.name, value]))
}
