import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Event, ReleasesListed } from '../../src/core/event.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { deploy } from '../../tasks/deploy.ts'
import { releases } from '../../tasks/releases.ts'
import { rollback } from '../../tasks/rollback.ts'
import { tasks } from '../cli/command-line.ts'
import { commitFiles } from '../kinds/index.ts'
import { page } from './deploy-on.ts'
import { dueDate } from './example-changes.ts'
import { deployed, exampleProject, type Ran, site, stepsThat, taskOn } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'
import { kindsSeen, visit } from './visit.ts'

const folder = `/home/elspeth/sites/${site.name}`

onHosts('rollback', () => {
  describe('on Debian 12', () => {
    let host: SandboxHost
    let project: string
    beforeAll(async () => {
      host = await withHost({ debian: 12, from: await deployed(12) })
      project = await exampleProject()
    }, 300_000)
    afterAll(() => rm(project, { recursive: true, force: true }))

    const rolledBack = (to?: number, mode: 'run' | 'dry-run' = 'run') =>
      taskOn(host, rollback, { params: { to }, mode })
    const serving = async () => (await page(host, site.name)).headers['x-release']
    const numbers = async () => (await ssh(host, `ls ${folder}/releases | sort -n | tr '\\n' ' '`)).stdout.trim()

    it('says that there is nothing before release 1, and touches nothing, in a dry run too', async () => {
      for (const mode of ['dry-run', 'run'] as const) {
        const first = await rolledBack(undefined, mode)
        expect([first.exitCode, first.because]).toEqual([
          1,
          `Cannot roll back "${site.name}", because release 1 is its first good one.`,
        ])
        expect(first.hint).toBe(`deploy another commit: tasks deploy --site ${site.name} --ref REF`)
        expect(stepsThat(first, 'changed', 'would change', 'after')).toEqual([])
      }
      expect(await numbers()).toBe('1')
    })

    it('makes a release of the one before while visitors see nothing but answers, as the dry run said', async () => {
      await commitFiles(project, dueDate, 'Items may have a due date')
      expect((await taskOn(host, deploy, { project })).because).toBeUndefined()
      expect((await page(host, site.name)).body).toContain('0 items are due')

      const announced = await rolledBack(undefined, 'dry-run')
      expect(announced.because).toBeUndefined()
      expect(warnings(announced)).toEqual([
        'The rollback does not undo migrations, and the older release does not know these: lists.0002_item_due.',
      ])
      expect(await numbers()).toBe('1 2')

      const visitor = visit(host)
      const back = await rolledBack()
      const seen = await kindsSeen(visitor)
      expect(back.because).toBeUndefined()
      expect(stepsThat(back, 'changed')).toEqual(
        stepsThat(announced, 'would change', 'after').filter((step) => !step.startsWith('verify/')),
      )
      expect(seen).toEqual([`200 ${site.name}/2`, `200 ${site.name}/3`])
      expect((await page(host, site.name)).body).not.toContain('items are due')
      expect((await page(host, site.name, '/static/lists/lists.css')).body).not.toContain('rebeccapurple')
      expect(hints(back)).toContain(`to undo the rollback: tasks rollback --site ${site.name} --to 2`)
      expect(
        (await ssh(host, `grep -rl releases/1/ ${folder}/releases/3/overlay ${folder}/releases/3/facts.json; :`))
          .stdout,
      ).toBe('')
    })

    it('lists the releases, newest first, as data and as a table', async () => {
      const { hosts, sites } = { hosts: { [host.name]: {} }, sites: { [site.name]: { host: host.name } } }
      await writeFile(join(project, 'tasks.config.json'), JSON.stringify({ hosts, sites }))
      const table = await tasks(['releases'], { cwd: project })
      expect([table.exitCode, table.stdout.split('\n').map((line) => line.replace(/ .* {2}/, ' … '))]).toEqual([
        0,
        [
          'RELEASE … COMMIT',
          expect.stringMatching(/^3 … [0-9a-f]{7} To-do lists$/),
          expect.stringMatching(/^2 … [0-9a-f]{7} Items may have a due date$/),
          expect.stringMatching(/^1 … [0-9a-f]{7} To-do lists$/),
          '',
        ],
      ])
      const listed = await taskOn(host, releases)
      expect(listed.exitCode).toBe(0)
      const list = listed.events.find((event): event is ReleasesListed => event.type === 'releases.listed')
      expect(list?.releases).toMatchObject([
        { number: 3, kind: 'rollback', from: 1, isCurrent: true, isBad: false, subject: 'To-do lists' },
        { number: 2, kind: 'deploy', isCurrent: false, isBad: false, subject: 'Items may have a due date' },
        { number: 1, kind: 'deploy', isCurrent: false, isBad: false, subject: 'To-do lists' },
      ])
    })

    it('has nothing to do when what is wanted serves already, and names the good ones when that is not there', async () => {
      for (const to of [1, 3]) expect(stepsThat(await rolledBack(to), 'changed')).toEqual([])
      const missing = await rolledBack(9)
      expect([missing.because, missing.hint]).toEqual([
        `Cannot roll back "${site.name}" to release 9, because there is no such release.`,
        'its good releases: 3, 2, 1',
      ])
      const further = await rolledBack()
      expect(further.because).toBe(`Cannot roll back "${site.name}", because release 1 is its first good one.`)
      expect(await numbers()).toBe('1 2 3')
    })

    it('ends its work where it was cut short after the switch, and goes no further back', async () => {
      await ssh(host, `systemctl enable --now --quiet gunicorn-${site.name}@2.service`, 'root')
      const again = await rolledBack()
      expect([again.because, stepsThat(again, 'changed')]).toEqual([undefined, ['rollback/drained']])
      expect(await serving()).toBe(`${site.name}/3`)
    })

    it('lets the commit that was rolled back from be deployed again, as a release of its own', async () => {
      expect((await taskOn(host, deploy, { project })).because).toBeUndefined()
      expect(await serving()).toBe(`${site.name}/4`)
      expect((await page(host, site.name)).body).toContain('0 items are due')
    })

    it('keeps the release that serves when the older one is no longer healthy', async () => {
      const views = `${folder}/releases/3/source/lists/views.py`
      await ssh(
        host,
        `printf "def home(request):\\n    raise RuntimeError('rust')\\nview_list = toggle = home\\n" >${views}`,
      )
      const failed = await rolledBack(3)
      expect(failed.because).toBe(
        `Cannot serve release 5 of "${site.name}", because "/" answers with status 500: RuntimeError: rust.`,
      )
      expect(await serving()).toBe(`${site.name}/4`)
      const bad = await rolledBack(5)
      expect([bad.because, bad.hint]).toEqual([
        `Cannot roll back "${site.name}" to release 5, because it was found bad.`,
        'its good releases: 4, 3, 2, 1',
      ])
    })
  })
})

function warnings({ events }: Ran): readonly string[] {
  return events.flatMap((event) => (isWarningOfRollback(event) ? [event.message] : []))
}

function isWarningOfRollback(event: Event): event is Extract<Event, { type: 'note.told' }> {
  return event.type === 'note.told' && event.level === 'warning' && event.task === 'rollback'
}

function hints({ events }: Ran): readonly (string | undefined)[] {
  return events.flatMap((event) => (event.type === 'note.told' ? [event.hint] : []))
}
