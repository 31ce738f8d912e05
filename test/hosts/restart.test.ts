import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReleasesListed } from '../../src/core/event.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { deploy } from '../../tasks/deploy.ts'
import { releases } from '../../tasks/releases.ts'
import { restart } from '../../tasks/restart.ts'
import { rollback } from '../../tasks/rollback.ts'
import { commitFiles } from '../kinds/index.ts'
import { page } from './deploy-on.ts'
import { dueDate } from './example-changes.ts'
import { deployed, exampleProject, site, stepsThat, type TaskOptions, taskOn } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'
import { kindsSeen, visit } from './visit.ts'

const folder = `/home/elspeth/sites/${site.name}`
const answer = (release: number) => `200 ${site.name}/${release}`

onHosts('a restart', () => {
  describe('on Debian 13', () => {
    let host: SandboxHost
    let project: string
    beforeAll(async () => {
      host = await withHost({ debian: 13, from: await deployed(13) })
      project = await exampleProject()
    }, 300_000)
    afterAll(() => rm(project, { recursive: true, force: true }))

    const restarted = (options: TaskOptions = {}) => taskOn(host, restart, options)
    const numbers = async () => (await ssh(host, `ls ${folder}/releases | sort -n | tr '\n' ' '`)).stdout.trim()
    const onHost = (text: string, user = 'elspeth') => ssh(host, text, user)

    it('is refused where nothing was deployed, in a dry run too', async () => {
      for (const mode of ['dry-run', 'run'] as const) {
        const refused = await restarted({ mode, params: { site: 'other.example.com' } })
        expect([refused.exitCode, refused.because, refused.hint]).toEqual([
          1,
          'Cannot restart "other.example.com", because it was never deployed to this host.',
          'run: tasks deploy --site other.example.com',
        ])
        expect(stepsThat(refused, 'changed', 'would change', 'after')).toEqual([])
      }
    })

    it('drops no request, does what the dry run said, and is a release of its own that leaves nothing to deploy', async () => {
      const announced = await restarted({ mode: 'dry-run' })
      expect(announced.because).toBeUndefined()
      expect(await numbers()).toBe('1')
      const visitor = visit(host)
      const done = await restarted()
      expect(await kindsSeen(visitor)).toEqual([answer(1), answer(2)])
      expect(done.because).toBeUndefined()
      expect(stepsThat(done, 'changed')).toEqual(
        stepsThat(announced, 'would change', 'after').filter((step) => !step.startsWith('verify/')),
      )
      const listed = (await taskOn(host, releases)).events.find(
        (event): event is ReleasesListed => event.type === 'releases.listed',
      )
      expect(listed?.releases).toMatchObject([
        { number: 2, kind: 'restart', from: 1, isCurrent: true, subject: 'To-do lists' },
        { number: 1, kind: 'deploy', isCurrent: false },
      ])
      expect(stepsThat(await taskOn(host, deploy, { project }), 'changed')).toEqual([])
    })

    it('gives the processes what was set on the host since', async () => {
      await onHost(`printf "GREETING='good morning'\n" >${folder}/env/config.env`)
      const announced = await restarted({ mode: 'dry-run' })
      const previews = announced.events.flatMap((event) => (event.type === 'step.previewed' ? event.text : []))
      expect(previews[0]).toContain('+ GREETING')
      expect(previews.join()).not.toContain('good morning')
      expect((await restarted()).because).toBeUndefined()
      const { stdout } = await onHost(
        `tr '\\0' '\n' <"/proc/$(systemctl show -P MainPID gunicorn-${site.name}@3)/environ" | grep GREETING`,
      )
      expect(stdout).toBe('GREETING=good morning\n')
    })

    it('lets the release before serve on when the application no longer starts', async () => {
      const settings = `${folder}/releases/3/source/superlists/settings.py`
      await onHost(`mv ${settings} ${folder}/settings.py`)
      const visitor = visit(host)
      const failed = await restarted()
      expect(await kindsSeen(visitor)).toEqual([answer(3)])
      expect([failed.exitCode, failed.because]).toEqual([
        1,
        `Cannot serve release 4 of "${site.name}", because it ends while it starts: ModuleNotFoundError: No module named 'superlists.settings'.`,
      ])
      expect((await onHost(`ls -A ${folder}/releases/4`)).stdout).toContain('.bad')
      expect((await onHost(`systemctl is-active gunicorn-${site.name}@4`)).stdout).toBe('inactive\n')
      await onHost(`mv ${folder}/settings.py ${settings}`)
    })

    it('goes on where it was cut short, before the switch and after it', async () => {
      const stop = new AbortController()
      const cut = await restarted({
        stop: stop.signal,
        onEvent: (event) => {
          if (event.type === 'step.applying' && event.step === 'restart/running') stop.abort()
        },
      })
      expect([cut.outcome, cut.verdicts['restart/switched']]).toEqual(['interrupted', 'skipped'])
      expect((await page(host, site.name)).headers['x-release']).toBe(`${site.name}/3`)
      expect((await restarted()).verdicts).toMatchObject({ 'restart/copied': 'met', 'restart/switched': 'changed' })
      expect((await page(host, site.name)).headers['x-release']).toBe(`${site.name}/5`)

      await onHost(`systemctl enable --now --quiet gunicorn-${site.name}@3.service`, 'root')
      expect(stepsThat(await restarted(), 'changed')).toEqual(['restart/drained'])
      expect((await page(host, site.name)).headers['x-release']).toBe(`${site.name}/5`)
    })

    it('is no place to go back to: a rollback after it goes to the release before', async () => {
      await commitFiles(project, dueDate, 'Items may have a due date')
      expect((await taskOn(host, deploy, { project })).because).toBeUndefined()
      expect((await restarted()).because).toBeUndefined()
      const back = await taskOn(host, rollback, { params: { to: undefined } })
      expect(back.because).toBeUndefined()
      expect((await page(host, site.name)).body).not.toContain('items are due')
      const notes = back.events.flatMap((event) => (event.type === 'note.told' ? [event.message] : []))
      expect(notes).toContain(`Release 8 of "${site.name}" is made from release 5.`)
    })

    it('and a deploy put back the link to what serves, where it was lost', async () => {
      const before = await page(host, site.name)
      await onHost(`rm ${folder}/current`)
      expect((await page(host, site.name)).status).toBe(502)
      expect((await restarted({ mode: 'dry-run' })).verdicts['restart/switched']).toBe('would change')
      await onHost(`printf "GREETING='good morning'\n" >${folder}/env/config.env`)
      const done = await taskOn(host, rollback, { params: { to: 8 } })
      expect(stepsThat(done, 'changed')).toEqual(['rollback/switched'])
      expect((await page(host, site.name)).headers['x-release']).toBe(before.headers['x-release'])
    })
  })
})
