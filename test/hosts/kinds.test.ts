import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { run } from '../../src/sandbox/shell.ts'
import { type Finished, tasks } from '../cli/command-line.ts'
import { type Kind, kinds, makeKind } from '../kinds/index.ts'
import { type Answer, page } from './deploy-on.ts'
import { provisioned } from './floors.ts'
import { onEachDebian, onHosts, ssh, withHost } from './host.ts'

onHosts('tasks deploy, for every kind of project, without a config', () => {
  onEachDebian('on Debian %i', (debian) => {
    let host: SandboxHost
    let folder: string
    let first: Ends
    let second: Ends
    let pythonsStarted: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'tasks-kinds-'))
      host = await withHost({ debian, from: await provisioned(debian) })
      first = await deployAll(async (kind) => {
        await makeKind(kind, join(folder, kind.name))
        return await deployed(kind)
      })
      await ssh(host, tellEachPython, 'root')
      second = await deployAll(deployed)
      pythonsStarted = (await ssh(host, 'cat /var/tmp/pythons', 'root')).stdout
    })
    afterAll(() => rm(folder, { recursive: true, force: true }))

    const deployed = (kind: Kind) =>
      tasks(['deploy', '--site', siteOf(kind), '--host', host.name, '--json'], { cwd: join(folder, kind.name) })

    describe.each(kinds)('$name', (kind) => {
      const site = siteOf(kind)
      const served = `${site}/1`

      it('is deployed as it is, and a second deploy changes nothing', () => {
        expect(first[kind.name]).toMatchObject({ outcome: 'done', exitCode: 0, because: undefined })
        expect(second[kind.name]).toMatchObject({ outcome: 'done', exitCode: 0, changed: [] })
      })

      it('answers through nginx by its own name, without DEBUG, and with a database that can be written', async () => {
        const { status, headers, body } = await page(host, site)
        expect([status, headers['x-release']]).toEqual([200, served])
        expect(body).toContain(`<h1>${kind.marker}</h1>`)
        expect(body).toMatch(/visits: [1-9]\d*, debug: False/)
        const lost = await page(host, site, '/no-such-page')
        expect([lost.status, lost.headers['x-release']]).toEqual([404, served])
        expect(lost.body).not.toContain('DEBUG')
      })

      it('has its static file served by nginx itself', async () => {
        const { status, headers, body } = await page(host, site, linkIn(await page(host, site)))
        expect([status, headers['accept-ranges'], headers['x-release']]).toEqual([200, 'bytes', undefined])
        expect(body).toContain(kind.marker)
      })

      it('has the files of its commit in the release and no other, and its data outside', async () => {
        const sums = await ssh(host, `cd ~/sites/${site}/releases/1/source && find . -type f -exec sha256sum {} +`)
        expect(sums.stdout.split('\n').filter(Boolean).sort()).toEqual(sumsOf(kind))
        const data = await ssh(
          host,
          `cd ~/sites/${site} && find database -type f -size +0; find releases -name .env -type f`,
        )
        expect(data.stdout).toMatch(/^database\/\S+\n$/)
      })
    })

    it('starts no Python where nothing is to be done', () => {
      expect(pythonsStarted).toBe('')
    })

    it('answers to no other name', async () => {
      const { code } = await run([
        'curl',
        '-sS',
        '-m',
        '10',
        '-H',
        'Host: other.example.com',
        `http://${host.address}/`,
      ])
      expect(code).toBe(52)
    })
  })
})

interface End extends Pick<Finished, 'exitCode'> {
  readonly outcome: string | undefined
  readonly because: string | undefined
  readonly changed: readonly string[]
}

type Ends = Readonly<Record<string, End>>

/** All kinds, two at a time: sites of one host may be deployed beside each other. */
async function deployAll(deploy: (kind: Kind) => Promise<Finished>): Promise<Ends> {
  const waiting = [...kinds]
  const ends: Record<string, End> = {}
  const lane = async () => {
    for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift())
      ends[kind.name] = endOf(await deploy(kind))
  }
  // A deploy waits for some seconds whether its release stays well: four at once keep two processors busy.
  await Promise.all([lane(), lane(), lane(), lane()])
  return ends
}

function endOf({ exitCode, stdout, stderr }: Finished): End {
  const events = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Event]))
  const last = events.at(-1)
  return {
    exitCode,
    outcome: last?.type === 'run.finished' ? last.outcome : undefined,
    because:
      events.flatMap((event) => (event.type === 'run.failed' ? [event.message] : []))[0] ?? (stderr || undefined),
    changed: events.flatMap((event) =>
      event.type === 'step.finished' && event.verdict === 'changed' ? [event.step] : [],
    ),
  }
}

function siteOf({ name }: Kind): string {
  return `${name}.example.com`
}

/** Where the page says that its style is: with a manifest, not under the file's own name. */
function linkIn({ body }: Answer): string {
  return /href="(\/static\/notes\/site[^"]*\.css)"/.exec(body)?.[1] ?? '/the-page-links-no-style'
}

/** A developer's own .env is no part of a release. */
function sumsOf({ files }: Kind): readonly string[] {
  return Object.entries(files)
    .filter(([path]) => path !== '.env')
    .map(([path, text]) => `${createHash('sha256').update(text).digest('hex')}  ./${path}`)
    .sort()
}

/** From now on each start of the system's Python, by which virtualenvs start too, leaves a line. */
const tellEachPython = `
python=$(readlink -f /usr/bin/python3)
mv "$python" "$python.real"
printf '#!/bin/sh\\nprintf "%%s\\\\n" "$0 $*" >>/var/tmp/pythons\\nexec %s.real "$@"\\n' "$python" >"$python"
chmod 755 "$python"
: >/var/tmp/pythons
chmod 666 /var/tmp/pythons`
