import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnyTask } from '../../src/core/task.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { deploy } from '../../tasks/deploy.ts'
import { rollback } from '../../tasks/rollback.ts'
import { commitFiles } from '../kinds/index.ts'
import { page } from './deploy-on.ts'
import { provisioned, type TaskOptions, taskOn } from './floors.ts'
import { onHostsAtLength, ssh, withHost } from './host.ts'
import { brokenVersion, rowsProject, version } from './rows-project.ts'

const sites = [
  { site: 'inside.example.com', database: 'BASE_DIR / "db.sqlite3"', media: 'BASE_DIR / "media"' },
  { site: 'beside.example.com', database: 'BASE_DIR / "../database/db.sqlite3"', media: 'BASE_DIR / "up" / "loads"' },
  { site: 'away.example.com', database: '"/home/elspeth/data/rows.sqlite3"', media: 'str(BASE_DIR / "uploads")' },
  {
    site: 'committed.example.com',
    database: 'BASE_DIR / "db.sqlite3"',
    media: '"media"',
    files: { 'db.sqlite3': 'no database, and not to be read' },
  },
]

onHostsAtLength('ten deploys', () => {
  let host: SandboxHost
  const projects: string[] = []
  afterAll(() => Promise.all(projects.map((project) => rm(project, { recursive: true }))))
  beforeAll(async () => {
    host = await withHost({ debian: 12, from: await provisioned(12) })
    await ssh(host, 'mkdir data')
  })

  describe.concurrent('of a site', () => {
    it.each(sites)('leave each row and each upload of $site', { timeout: 900_000 }, async (its) => {
      const project = await rowsProject(its)
      projects.push(project)
      const shop = shopOn(host, { project, site: its.site, settings: { healthHold: 0 } })
      for (let number = 1; number <= 10; number += 1) {
        if (number > 1) await shop.add(`before-${number}`)
        await (number === 8 ? shop.failsToDeploy(number) : shop.deploys(number))
        if (number === 5) {
          await shop.add('before-the-rollback')
          await shop.rollsBackTo(4)
        }
      }
      expect(await shop.uploads()).toHaveLength(10)
    })
  })

  it('leave no database and no upload in a release, but for the one that was committed', async () => {
    const { stdout } = await ssh(
      host,
      "cd sites; find . -path '*/releases/*' \\( -name '*.sqlite3*' -o -name 'before-*' \\) | cut -d / -f 2,5- | sort -u",
    )
    expect(stdout).toBe('committed.example.com/source/db.sqlite3\n')
  })

  it('keep the newest copy of a database from before its migrations', async () => {
    const { stdout } = await ssh(host, 'cd sites; ls -d */database/*')
    expect(stdout.split('\n').filter((path) => path.includes('before'))).toEqual([
      'away.example.com/database/rows.sqlite3.before-release-7',
      'beside.example.com/database/db.sqlite3.before-release-7',
      'committed.example.com/database/db.sqlite3.before-release-7',
      'inside.example.com/database/db.sqlite3.before-release-7',
    ])
  })
})

/** A site whose rows are all to be there after each deploy, and served. */
function shopOn(host: SandboxHost, options: TaskOptions & { readonly project: string; readonly site: string }) {
  const { project, site } = options
  const rows: string[] = []
  let serving = 0

  async function does(task: AnyTask, number: number, exitCode = 0): Promise<void> {
    const ran = await taskOn(host, task, { ...options, only: [task.name] })
    expect([number, ran.exitCode, exitCode === 0 ? ran.because : undefined]).toEqual([number, exitCode, undefined])
    if (exitCode === 0) serving = number
    expect(JSON.parse((await page(host, site)).body)).toEqual({ version: serving, rows })
  }

  async function commit(number: number, files = {}): Promise<void> {
    if (number > 1) await commitFiles(project, { ...version(number), ...files }, `Version ${number}`)
  }

  return {
    add: async (name: string) => {
      rows.push(name)
      expect((await page(host, site, `/add/${name}`)).status).toBe(200)
    },
    deploys: async (number: number) => {
      await commit(number)
      await does(deploy, number)
    },
    failsToDeploy: async (number: number) => {
      await commit(number, brokenVersion)
      await does(deploy, number, 1)
    },
    rollsBackTo: (number: number) => does(rollback, number),
    uploads: async () => {
      for (const name of rows) expect((await page(host, site, `/media/${name}.txt`)).body).toBe(`upload ${name}`)
      return rows
    },
  }
}
