import { join } from 'node:path'
import type { SandboxHost } from '../src/sandbox/index.ts'
import { type Cost, costOf } from './cost.ts'
import { on, overLine, plainSsh, say } from './hosts.ts'
import type { Command, Target } from './peer.ts'

/** A thousand facts, all met: as steps, and as one plain script. */
export interface Thousand {
  readonly steps: readonly Cost[]
  readonly script: readonly Cost[]
  /** How often a host waited for a run of ten steps, and of a thousand. */
  readonly turns: { readonly ten: number; readonly thousand: number }
}

export async function thousandSteps(host: SandboxHost, target: Target, rounds: number): Promise<Thousand> {
  await on(host, 'sudo mkdir -p /srv/many')
  await costOf(run(target, 1000))
  const steps: Cost[] = []
  const script: Cost[] = []
  for (let round = 1; round <= rounds; round++) {
    steps.push(await timed(run(target, 1000)))
    script.push(await timed(plain(target, 1000)))
    say(
      `1000 facts ${round}/${rounds}: ${steps.at(-1)?.wall.toFixed(2)} s, by hand ${script.at(-1)?.wall.toFixed(2)} s`,
    )
  }
  return { steps, script, turns: { ten: await turnsOf(host, 10), thousand: await turnsOf(host, 1000) } }
}

async function timed(command: Command): Promise<Cost> {
  const { output: _, ...cost } = await costOf(command)
  return cost
}

async function turnsOf(host: SandboxHost, facts: number): Promise<number> {
  const { target, proxy } = await overLine(host, { roundTrip: 50 })
  await costOf(run(target, facts))
  await proxy.close()
  return proxy.counts().turns
}

function run({ address, user, identityFile, knownHostsFile }: Target, facts: number): Command {
  const config = { hosts: { box: { address, user, identityFile, knownHostsFile } } }
  return {
    file: process.execPath,
    words: [join(import.meta.dirname, '../bin/tasks.cjs'), 'many', '--host', 'box', '--facts', String(facts), '--json'],
    cwd: join(import.meta.dirname, 'own'),
    env: { BENCH_CONFIG: JSON.stringify(config) },
  }
}

/** What a careful person writes: a loop, with two processes for each file. */
function plain(target: Target, facts: number): Command {
  const script = `
    n=0
    while [ "$n" -lt ${facts / 2} ]; do
      [ "$(stat -c '%a %U %G' /srv/many/$n)" = '644 root root' ] || echo "$n: owner or mode"
      [ "$(cat /srv/many/$n)" = "The text of $n." ] || echo "$n: text"
      [ -L "/srv/many/link-$n" ] || echo "$n: link"
      n=$((n + 1))
    done`
  return plainSsh(target, 'sudo', 'sh', '-c', quoted(script))
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
