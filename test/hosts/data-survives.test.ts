import { rm } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { deploy } from '../../tasks/deploy.ts'
import { rollback } from '../../tasks/rollback.ts'
import { commitFiles } from '../kinds/index.ts'
import { page } from './deploy-on.ts'
import { provisioned, type Ran, taskOn } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'
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

onHosts('ten deploys', () => {
  let host: SandboxHost
  beforeAll(async () => {
    host = await withHost({ debian: 12, from: await provisioned(12) })
    await ssh(host, 'mkdir data')
  })

  describe.concurrent('of a site', () => {
    it.each(sites)('leave each row and each upload of $site where they are served', async ({ site, ...places }) => {
      const project = await rowsProject(places)
      const words = { project, site, only: ['deploy'], settings: { healthHold: 0 } }
      const rows: string[] = []
      let serving = 0
      const serves = async (is: number) => {
        expect(JSON.parse((await page(host, site)).body)).toEqual({ version: is, rows })
        serving = is
      }
      const add = async (name: string) => {
        rows.push(name)
        expect((await page(host, site, `/add/${name}`)).status).toBe(200)
      }

      for (let number = 1; number <= 10; number += 1) {
        if (number > 1) await add(`before-${number}`)
        const isBroken = number === 8
        await commitFiles(project, { ...version(number), ...(isBroken ? brokenVersion : {}) }, `Version ${number}`)
        const ran = await taskOn(host, deploy, words)
        expect([number, isBroken ? ran.exitCode : (ran.because ?? ran.exitCode)]).toEqual([number, isBroken ? 1 : 0])
        await serves(isBroken ? serving : number)
        if (number === 5) {
          await add('before-the-rollback')
          expect(done(await taskOn(host, rollback, { ...words, only: ['rollback'] }))).toBe(0)
          await serves(4)
        }
      }

      for (const name of rows) expect((await page(host, site, `/media/${name}.txt`)).body).toBe(`upload ${name}`)
      expect(rows).toHaveLength(10)
      await rm(project, { recursive: true })
    })
  })

  it('leave no database and no upload in a release, but for the one that was committed', async () => {
    const { stdout } = await ssh(
      host,
      "cd sites; find . -path '*/releases/*' \\( -name '*.sqlite3*' -o -name 'before-*' \\) | sed 's/[0-9]*$//' | cut -d / -f 2,5- | sort -u",
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

function done(ran: Ran): string | number {
  return ran.because ?? ran.exitCode
}
