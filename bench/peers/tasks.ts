import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Peer, Target, Work } from '../peer.ts'

const root = join(import.meta.dirname, '../..')
export const program = join(root, 'bin/tasks.cjs')

/**
 * This program, as a person types it: provision, deploy, verify. That is 47 steps and a release beside the one that serves, not forty facts of
 * one folder. Only what it waits for on purpose is left out, six seconds of watching a new release: `app.healthHold`.
 */
export const tasks: Peer = {
  name: 'tasks deploy',
  id: 'tasks',
  install: async () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
    return manifest.version
  },
  command: (work) => {
    writeFileSync(join(work.project, 'tasks.config.json'), JSON.stringify(siteConfig(work)))
    const { scenario, targets, project, site } = work
    const flags = ['--site', site, '--json', '--jobs', String(targets.length)]
    const hosts = targets.flatMap(({ name }) => ['--host', name])
    const words = [program, 'deploy', ...flags, ...hosts]
    return {
      file: process.execPath,
      words: scenario === 'dry-run' ? [...words, '--dry-run'] : words,
      cwd: project,
      env: {},
    }
  },
  switched: /"type":"release\.switched"/,
  isNoop: (output) => {
    const { counts, outcome } = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '{}')
    return outcome === 'done' && counts.changed + counts.wouldChange + counts.after === 0
  },
}

function siteConfig({ targets, site }: Work) {
  return {
    ...configOf(targets),
    app: { healthHold: 0 },
    stages: { bench: {} },
    sites: { [site]: { host: targets[0]?.name, stage: 'bench' } },
  }
}

/** The hosts, as a config names them. */
export function configOf(targets: readonly Target[]) {
  return { hosts: Object.fromEntries(targets.map(({ name, ...host }) => [name, host])) }
}
