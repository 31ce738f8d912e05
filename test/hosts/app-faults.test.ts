import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { run } from '../../src/sandbox/shell.ts'
import { deploy } from '../../tasks/deploy.ts'
import { commitFiles } from '../kinds/index.ts'
import { deployed, exampleProject, site, type TaskOptions, taskOn } from './floors.ts'
import { onHostsAtLength, ssh, withHost } from './host.ts'
import { kindsSeen, type Visit, visit } from './visit.ts'

const folder = `/home/elspeth/sites/${site.name}`
const sockets = `/run/gunicorn-${site.name}`
const journal = `run on the host: sudo journalctl -u 'gunicorn-${site.name}@*'`

const wsgi = `import os, sys, threading, time
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "superlists.settings")
application = get_wsgi_application()
`

interface Fault {
  readonly files: Readonly<Record<string, string>>
  readonly settings?: TaskOptions['settings']
  readonly because: string | RegExp
  readonly hint?: string
}

const faults: Readonly<Record<string, Fault>> = {
  'raises when it is first asked': {
    files: { 'superlists/urls.py': 'raise RuntimeError("out of ink")\n' },
    because: '"/" answers with status 500: RuntimeError: out of ink',
  },
  'ends while it is imported': {
    files: atStart('raise RuntimeError("out of ink")'),
    because: 'it ends while it starts: RuntimeError: out of ink',
  },
  'lacks a variable': {
    files: atStart('os.environ["MAP_KEY"]'),
    because: "it ends while it starts: KeyError: 'MAP_KEY'",
  },
  'has its WSGI object under another name': {
    files: { 'superlists/wsgi.py': wsgi.replace('application =', 'site =') },
    because: "it ends while it starts: Failed to find attribute 'application' in 'superlists.wsgi'",
  },
  'ends five seconds after it has started': {
    files: atStart('threading.Timer(5, os._exit, [7]).start()'),
    settings: { healthHold: 6 },
    because: /^it answers at first and then ends: Worker \(pid:\d+\) exited with code 7$/,
  },
  'hangs while it starts': {
    files: atStart('time.sleep(1000)'),
    settings: { healthTimeout: 2 },
    because: 'it did not answer within 2 seconds',
    hint: `set app.healthTimeout, or ${journal}`,
  },
  'accepts and never answers': {
    files: page('time.sleep(1000)'),
    settings: { healthTimeout: 2 },
    because: 'it did not answer within 2 seconds',
    hint: `set app.healthTimeout, or ${journal}`,
  },
  'takes longer than it may': {
    files: page('time.sleep(4)\nreturn HttpResponse("late")'),
    settings: { healthTimeout: 2 },
    because: 'it did not answer within 2 seconds',
    hint: `set app.healthTimeout, or ${journal}`,
  },
  'closes connections': {
    files: page('os._exit(7)'),
    settings: { healthTimeout: 8 },
    because: /^it closes connections without an answer: Worker \(pid:\d+\) exited with code 7$/,
  },
  'redirects to itself': {
    files: page('return HttpResponseRedirect("/", status=301)'),
    because: '"/" redirects to itself',
  },
  'has no page there any more': {
    files: { 'superlists/urls.py': 'urlpatterns = []\n' },
    because: '"/" answers with status 404, and the release before answered with 200',
    hint: 'name a page that the site has: app.healthPath',
  },
  'shows a debug page': {
    files: page('return HttpResponse("<code>DEBUG = True</code>", status=404)'),
    because: '"/" answers with a debug page',
    hint: 'let DEBUG be False in the settings of this stage, or leave app.overlay on',
  },
}

onHostsAtLength('tasks deploy, of an application that cannot serve', () => {
  let host: SandboxHost
  let project: string
  let visitor: Visit
  let before: string
  beforeAll(async () => {
    host = await withHost({ debian: 12, from: await deployed(12) })
    project = await exampleProject()
    before = await atWork()
    visitor = visit(host)
  }, 300_000)
  afterAll(async () => {
    await visitor.leave()
    await rm(project, { recursive: true, force: true })
  })

  const root = async (text: string) => (await ssh(host, text, 'root')).stdout.trim()
  const newest = async () => Number(await root(`ls ${folder}/releases | sort -n | tail -n 1`))
  const deployedWith = (settings: TaskOptions['settings'] = {}) =>
    taskOn(host, deploy, { project, only: ['deploy', 'verify'], settings })

  /** What serves, runs, starts at boot or has a socket, down to the very process. */
  const atWork = () =>
    root(`readlink ${folder}/current
      systemctl list-units --all --plain --no-legend 'gunicorn-*@*'
      systemctl show -P MainPID 'gunicorn-*@*.service'
      ls /etc/systemd/system/multi-user.target.wants | grep gunicorn
      ls ${sockets}
      pgrep -u elspeth -f -a releases/ | grep -v -F '/releases/1/'`)

  it.each(Object.entries(faults))('keeps the release before when it %s', async (title, fault) => {
    await commitFiles(project, fault.files, title)
    const { exitCode, because, hint } = await deployedWith(fault.settings)
    await run(['git', '-C', project, 'reset', '--quiet', '--hard', 'HEAD~1'])
    const number = await newest()
    const said = because?.replace(`Cannot serve release ${number} of "${site.name}", because `, '').replace(/\.$/, '')
    expect([exitCode, said, hint]).toEqual([
      1,
      typeof fault.because === 'string' ? fault.because : expect.stringMatching(fault.because),
      fault.hint ?? journal,
    ])
    expect(await root(`ls ${folder}/releases/${number}/.bad`)).not.toBe('')
    expect(await atWork()).toBe(before)
  })

  it('lost no request meanwhile, and then serves the commit that is right', async () => {
    expect(await kindsSeen(visitor)).toEqual([`200 ${site.name}/1`])
    const next = (await newest()) + 1
    await commitFiles(project, { NOTE: 'All is well' }, 'Mended')
    const { because } = await deployedWith({ healthHold: 1 })
    expect([because, await root(`readlink ${folder}/current`)]).toEqual([undefined, `releases/${next}`])
  })

  it.each([
    ['a file', `mkdir -p ${sockets}/NEXT && echo >${sockets}/NEXT/socket`],
    ['a folder', `mkdir -p ${sockets}/NEXT/socket/x`],
    ["a file in its folder's place", `echo >${sockets}/NEXT`],
    [
      'the socket of another process',
      `mkdir -p ${sockets}/NEXT && systemd-run --quiet --unit taker python3 -c 'import socket, time
s = socket.socket(socket.AF_UNIX); s.bind("${sockets}/NEXT/socket"); s.listen(); time.sleep(1000)' && until [ -S ${sockets}/NEXT/socket ]; do sleep 0.05; done`,
    ],
  ])('takes the place of its socket from what stands there: %s', async (what, taken) => {
    const next = (await newest()) + 1
    await root(taken.replaceAll('NEXT', String(next)))
    await commitFiles(project, { NOTE: what }, what)
    const { because } = await deployedWith()
    expect([because, await root(`readlink ${folder}/current`)]).toEqual([undefined, `releases/${next}`])
  })
})

function page(body: string) {
  const start =
    'import os, time\nfrom django.http import HttpResponse, HttpResponseRedirect\nfrom django.urls import path\n\n'
  const view = `def page(request):\n${body.replace(/^/gm, '    ')}\n\nurlpatterns = [path("", page)]\n`
  return { 'superlists/urls.py': `${start}${view}` }
}

/** Done by the server's own processes alone: when the deploy looks at the project, nothing is wrong with it. */
function atStart(code: string) {
  return { 'superlists/wsgi.py': `${wsgi}if "gunicorn.app.base" in sys.modules:\n    ${code}\n` }
}
