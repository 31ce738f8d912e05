import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { run } from '../../src/sandbox/shell.ts'
import { tasks } from '../cli/command-line.ts'
import { commitFiles, type Kind, kinds, makeKind } from '../kinds/index.ts'
import { page } from './deploy-on.ts'
import { provisioned } from './floors.ts'
import { onHostsAtLength, ssh, withHost } from './host.ts'
import { until } from './until.ts'

const sites = ['one', 'two', 'three', 'four', 'five'].map((name) => `${name}.example.com`)
const [one = '', two = ''] = sites
const flat = kinds.find(({ name }) => name === 'flat') as Kind

onHostsAtLength('people who work on one host at once', () => {
  let host: SandboxHost
  let project: string
  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'tasks-two-people-'))
    await makeKind(flat, project)
    await commitFiles(project, { 'notes/migrations/0002_gate.py': gate }, 'A gate')
    host = await withHost({ debian: 12, from: await provisioned(12) })
    await configure()
    await root(slowPackage)
  }, 300_000)
  afterAll(() => rm(project, { recursive: true, force: true }))

  const root = async (text: string) => (await ssh(host, text, 'root')).stdout.trim()
  const close = (site: string) => root(`: >/tmp/gate-${site}`)
  const open = (site: string) => root(`rm -f /tmp/gate-${site}`)
  const served = async (site: string) => (await page(host, site)).headers['x-release']

  const configure = (packages: readonly string[] = []) =>
    writeFile(
      join(project, 'tasks.config.json'),
      JSON.stringify({
        app: { healthHold: 0 },
        hosts: { [host.name]: {} },
        provision: { packages },
        sites: Object.fromEntries(sites.map((site) => [site, { host: host.name }])),
      }),
    )

  /** A person's own client. */
  function person(...words: readonly string[]): Person {
    let heard = ''
    const onStdout = (text: string) => {
      heard += text
    }
    const ended = tasks([...words, '--json'], { cwd: project, onStdout }).then(({ exitCode, stderr }) => {
      const failed = eventsIn(heard).find((event) => event.type === 'run.failed')
      return { exitCode, because: failed?.message ?? (exitCode === 0 ? undefined : stderr), events: eventsIn(heard) }
    })
    return { ended, waits: () => until(() => heard.includes('"type":"lock.waiting"')) }
  }

  /** Until the migration of that person's deploy waits for the gate to open. */
  async function reachesGate({ ended }: Person, site: string) {
    const gone = ended.then(({ because }) => Promise.reject(new Error(`It ended before: ${because}`)))
    await Promise.race([gone, until(() => root(`pgrep -u elspeth -f 'at-the-[g]ate-${site}'`))])
  }

  it('deploy one site one after the other: the second is told who is at it, or waits, and finds it done', async () => {
    await close(one)
    const first = person('deploy', '--site', one)
    await reachesGate(first, one)
    const third = person('deploy', '--site', one, '--wait')
    for (const words of [['deploy'], ['rollback']]) {
      const { exitCode, because } = await person(...words, '--site', one).ended
      const holder = `${userInfo().username} on ${hostname()} has held the lock "site-${one}" since `
      expect([exitCode, because]).toEqual([
        5,
        expect.stringContaining(`Cannot begin on "${host.name}", because ${holder}`),
      ])
    }
    await third.waits()
    await open(one)
    const [done, found] = await Promise.all([first.ended, third.ended])
    expect([done.exitCode, found.exitCode]).toEqual([0, 0])
    expect([switches(done), switches(found)]).toEqual([[1], []])
    expect(changes(found)).toBe(0)
    expect(await served(one)).toBe(`${one}/1`)
  })

  it('provision a host while a site of it is deployed', async () => {
    await close(two)
    const deploying = person('deploy', '--site', two)
    await reachesGate(deploying, two)
    expect((await person('provision').ended).exitCode).toBe(0)
    await open(two)
    expect((await deploying.ended).exitCode).toBe(0)
  })

  it('provision a host one after the other, and deploy to it after that', async () => {
    await configure(['slow-one'])
    const provisioning = person('provision')
    await until(() => root("pgrep -f '[/]slow-one.postinst'"))
    await configure()
    const waiting = [person('provision'), person('deploy', '--site', two)]
    for (const { waits } of waiting) await waits()
    await root(': >/run/go')
    const ended = await Promise.all([provisioning, ...waiting].map((each) => each.ended))
    expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
    expect(ended.map(changes)).toEqual([2, 0, 0])
  })

  it('deploy twenty times to five sites: all hear what came of it, each site ends with its last, and none waits for another', async () => {
    const commits: string[] = []
    for (const name of ['a', 'b', 'c', 'd']) {
      await commitFiles(project, { NOTE: name }, name)
      commits.push((await run(['git', '-C', project, 'rev-parse', 'HEAD'])).stdout.trim())
    }
    await commitFiles(
      project,
      { 'notes/migrations/0003_gate.py': gate.replace('0001_initial', '0002_gate') },
      'Another gate',
    )
    await close(one)
    const gated = person('deploy', '--site', one)
    await reachesGate(gated, one)
    const people = sites.map((site) => commits.map((ref) => person('deploy', '--site', site, '--ref', ref, '--wait')))
    const [ofOne = [], ...others] = people
    const ended = await Promise.all(others.flat().map((each) => each.ended))
    expect(ended.map(({ exitCode, because }) => [exitCode, because])).toEqual(Array(16).fill([0, undefined]))
    for (const { waits } of ofOne) await waits()
    expect(await root(`ls /home/elspeth/sites/${one}/releases`)).toBe('1\n2')
    await open(one)
    const last = await Promise.all([gated, ...ofOne].map((each) => each.ended))
    expect(last.map(({ exitCode, because }) => [exitCode, because])).toEqual(Array(5).fill([0, undefined]))

    for (const site of sites) {
      const ofSite = [...ended, ...last].flatMap(({ events }) => events.filter(isSwitchOf(site)))
      const newest = ofSite.reduce((one, other) => (other.release > one.release ? other : one))
      expect(await served(site)).toBe(`${site}/${newest.release}`)
      expect(await root(`cat /home/elspeth/sites/${site}/current/release.json`)).toContain(newest.commit)
      expect(new Set(ofSite.map(({ release }) => release)).size).toBe(ofSite.length)
    }
  }, 900_000)
})

interface Person {
  readonly ended: Promise<Ended>
  /** Until somebody else's lock is in the way. */
  readonly waits: () => Promise<unknown>
}

interface Ended {
  readonly exitCode: number | null
  readonly because: string | undefined
  readonly events: readonly Event[]
}

type Switch = Extract<Event, { type: 'release.switched' }>

function eventsIn(text: string): readonly Event[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line): Event => JSON.parse(line))
}

const isSwitchOf =
  (site: string) =>
  (event: Event): event is Switch =>
    event.type === 'release.switched' && event.site === site

const switches = ({ events }: Ended) =>
  events.flatMap((event) => (event.type === 'release.switched' ? [event.release] : []))

const changes = ({ events }: Ended) =>
  events.flatMap((event) => (event.type === 'run.finished' ? [event.counts.changed] : []))[0]

/** A migration that takes as long as the file of its site is there. */
const gate = `import os, subprocess, time
from django.db import migrations


def wait(apps, schema_editor):
    site = os.getcwd().split("/")[4]
    path = "/tmp/gate-" + site
    if os.path.exists(path):
        subprocess.run(["sh", "-c", 'while [ -e "$1" ]; do sleep 0.1; done', "at-the-gate-" + site, path])


class Migration(migrations.Migration):
    dependencies = [("notes", "0001_initial")]
    operations = [migrations.RunPython(wait)]
`

const slowPackage = `
mkdir -p /srv/repository/slow-one/DEBIAN && cd /srv/repository
printf 'Package: slow-one\\nVersion: 1\\nArchitecture: all\\nMaintainer: Edith <edith@example.com>\\nDescription: slow\\n' >slow-one/DEBIAN/control
printf '#!/bin/sh\\nuntil [ -e /run/go ]; do sleep 0.1; done\\n' >slow-one/DEBIAN/postinst
chmod 755 slow-one/DEBIAN/postinst
dpkg-deb --build slow-one >/dev/null
{ cat slow-one/DEBIAN/control; printf 'Filename: ./slow-one.deb\\nSize: %s\\nSHA256: %s\\n\\n' $(stat -c %s slow-one.deb) $(sha256sum <slow-one.deb | cut -d ' ' -f 1); } >Packages
echo 'deb [trusted=yes] file:/srv/repository ./' >/etc/apt/sources.list.d/local.list
apt-get -q update -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/local.list -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0
mkdir -p /var/lib/tasks && : >/var/lib/tasks/apt-updated
`
