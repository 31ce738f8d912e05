import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SandboxHost, sandboxReboot } from '../../src/sandbox/index.ts'
import { deploy } from '../../tasks/deploy.ts'
import { restart } from '../../tasks/restart.ts'
import { rollback } from '../../tasks/rollback.ts'
import { commitFiles } from '../kinds/index.ts'
import { page } from './deploy-on.ts'
import { dueDate } from './example-changes.ts'
import { deployed, exampleProject, site, stepsThat, type TaskOptions, taskOn } from './floors.ts'
import { onHostsAtLength, ssh, withHost } from './host.ts'
import { until } from './until.ts'
import { kindsSeen, visit } from './visit.ts'

const settings = { strategy: 'restart' } as const
const gap = '503 10'
const answer = (release: number) => `200 ${site.name}/${release}`
/** Loads, and then never answers visitors. */
const hanging = { 'lists/views.py': "import os, time\nif 'TASKS_RELEASE' in os.environ:\n    time.sleep(600)\n" }

onHostsAtLength("with strategy: 'restart'", () => {
  describe('on Debian 13', () => {
    let host: SandboxHost
    let project: string
    beforeAll(async () => {
      host = await withHost({ debian: 13, from: await deployed(13) })
      project = await exampleProject()
      await ssh(host, sampler, 'root')
    }, 300_000)
    afterAll(() => rm(project, { recursive: true, force: true }))

    const run = (task: typeof deploy | typeof restart | typeof rollback, options: TaskOptions = {}) =>
      taskOn(host, task, { project, settings, ...options })
    const serving = async () => (await page(host, site.name)).headers['x-release']
    /** How many processes of the site listened at once since the last time, at the least and at the most. */
    const instances = async () => {
      const { stdout } = await ssh(host, 'sort -nu /run/samples; : >/run/samples', 'root')
      return stdout.split('\n').filter(Boolean).map(Number)
    }

    it('one release follows another in its place, never two at once, and visitors between them are asked to come again', async () => {
      const adopted = await run(deploy)
      expect([adopted.because, stepsThat(adopted, 'changed')]).toEqual([
        undefined,
        ['deploy/nginx accepts staging.example.com', 'deploy/nginx serves', 'deploy/nginx site staging.example.com'],
      ])
      await commitFiles(project, dueDate, 'Items may have a due date')
      const announced = await run(deploy, { mode: 'dry-run' })
      await instances()
      const visitor = visit(host)
      const done = await run(deploy)
      expect(await kindsSeen(visitor)).toEqual([answer(1), gap, answer(2)])
      expect(done.because).toBeUndefined()
      expect(stepsThat(done, 'changed')).toEqual(
        stepsThat(announced, 'would change', 'after').filter((step) => !step.startsWith('verify/')),
      )
      expect(await instances()).toEqual([0, 1])
      expect(stepsThat(await run(deploy), 'changed')).toEqual([])
    })

    it('a restart and a rollback do the same', async () => {
      for (const [task, release] of [
        [restart, 3],
        [rollback, 4],
      ] as const) {
        const done = await run(task, { params: { to: undefined } })
        expect([done.because, await serving()]).toEqual([undefined, `${site.name}/${release}`])
        expect(await instances()).toEqual([0, 1])
      }
    })

    it.each([
      [
        'answers with an error',
        "def home(request):\n    raise RuntimeError('rust')\nview_list = toggle = home\n",
        `because "/" answers with status 500: RuntimeError: rust.`,
      ],
      [
        'dies of the second request, while it is watched',
        'import os\nfrom django.http import HttpResponse\ndef home(request):\n    if os.path.exists("/tmp/asked"):\n        os._exit(1)\n    open("/tmp/asked", "w").close()\n    return HttpResponse("hello")\nview_list = toggle = home\n',
        'because it closes connections without an answer',
      ],
    ])('the release before is started again where the new one %s', async (_, views, because) => {
      const before = await serving()
      await commitFiles(project, { 'lists/views.py': views }, 'Break it')
      const failed = await run(deploy, { settings: { ...settings, healthHold: 1 } })
      expect([failed.exitCode, failed.because]).toEqual([1, expect.stringContaining(because)])
      expect(await serving()).toBe(before)
      expect(await instances()).toEqual([0, 1])
      expect(stepsThat(failed, 'skipped').every((step) => /^(deploy|verify)\//.test(step))).toBe(true)
      const { stdout } = await ssh(host, `ls /etc/systemd/system/multi-user.target.wants | grep @`)
      expect(stdout).toBe(`gunicorn-${before?.replace('/', '@')}.service\n`)
    })

    it('the release before is started again where somebody ends the run while nobody serves', async () => {
      const before = await serving()
      await commitFiles(project, hanging, 'Hang')
      const kill = new AbortController()
      const ended = run(deploy, { kill: kill.signal, stop: kill.signal })
      await gapBegins()
      kill.abort()
      expect((await ended).outcome).toBe('interrupted')
      expect(await until(serving, (release) => release === before)).toBe(before)
      expect((await instances()).at(-1)).toBe(1)
    })

    it('a reboot while nobody serves brings the release before, and the next run converges', async () => {
      const before = await serving()
      const lost = run(deploy, { settings: { ...settings, healthTimeout: 300 } })
      await gapBegins()
      await sandboxReboot(host.name)
      await ssh(host, `systemctl is-system-running --wait; ${sampler}`, 'root')
      expect(await until(serving, (release) => release !== undefined)).toBe(before)
      expect((await lost).exitCode).not.toBe(0)
      await commitFiles(project, dueDate, 'Mend it')
      const done = await run(deploy)
      expect([done.because, (await page(host, site.name)).body]).toEqual([
        undefined,
        expect.stringContaining('items are due'),
      ])
      expect(await instances()).toEqual([0, 1])
    })

    it('the release before is started again where the program of the run is killed while nobody serves', async () => {
      const before = await serving()
      await commitFiles(project, hanging, 'Hang again')
      const lost = run(deploy, { settings: { ...settings, healthTimeout: 300 } })
      await gapBegins()
      await ssh(host, 'kill -s KILL -- $(cat /run/tasks/*/pid) $(cat /run/tasks/*/now/pid)', 'root')
      expect((await lost).exitCode).toBe(1)
      expect(await until(serving, (release) => release !== undefined)).toBe(before)
      await commitFiles(project, dueDate, 'Mend it again')
      const done = await run(deploy)
      expect([done.because, (await page(host, site.name)).status]).toEqual([undefined, 200])
      expect((await instances()).at(-1)).toBe(1)
    })

    async function gapBegins() {
      await until(
        async () => (await page(host, site.name)).status,
        (status) => status === 503,
      )
    }
  })
})

/** Counts the instances that have processes, over and over. */
const sampler = `
: >/run/samples
systemd-run --quiet --collect sh -c 'while :; do
  found=0
  for group in /sys/fs/cgroup/system.slice/system-gunicorn*/*@*.service; do ! grep -qs "populated 1" "$group/cgroup.events" || found=$((found + 1)); done
  echo "$found" >>/run/samples
  sleep 0.02
done'`
