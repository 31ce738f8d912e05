import { mkdtempSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sh } from '../../src/core/sh.ts'
import { step } from '../../src/core/step.ts'
import { healthFunctions, healthy } from '../../src/steps/healthy.ts'
import { running } from '../../src/steps/running.ts'
import { unitFunctions } from '../../src/steps/site-unit.ts'
import { machine, shells } from '../program/harness.ts'
import { me, releaseOf } from './site-on-host.ts'

const name = 'example.com'
const ours = { 'X-Release': `${name}/8` }

const answers: readonly (readonly [string, RequestListener, string])[] = [
  ['a page', (_, response) => response.writeHead(200, ours).end('Hello'), 'well'],
  ['a login', (_, response) => response.writeHead(302, { ...ours, Location: '/login/' }).end(), 'well'],
  ['a refusal', (_, response) => response.writeHead(403, ours).end(), 'well'],
  ["the application's own 404", (_, response) => response.writeHead(404, ours).end('Not Found'), 'well'],
  ['a redirect to itself', (_, response) => response.writeHead(301, { ...ours, Location: '/' }).end(), 'health: loop'],
  [
    'a redirect to its own address',
    (_, response) => response.writeHead(302, { ...ours, Location: `http://${name}/` }).end(),
    'health: loop',
  ],
  ['a closed connection', (request) => request.socket.destroy(), 'health: silent closed'],
  ['an error', (_, response) => response.writeHead(500, ours).end(), 'health: status 500'],
  ["the server's own error", (_, response) => response.writeHead(500).end(), 'health: status 500'],
  ['a refused host', (_, response) => response.writeHead(400, ours).end(), 'health: status 400'],
  [
    'a debug page',
    (_, response) => response.writeHead(404, ours).end('because you have <code>DEBUG = True</code> in'),
    'health: debug',
  ],
  [
    'another release',
    (_, response) => response.writeHead(200, { 'X-Release': `${name}/7` }).end(),
    'health: release example.com/7',
  ],
  ['nobody that we know', (_, response) => response.writeHead(200).end(), 'health: release '],
  [
    'a header in the body only',
    (_, response) => response.writeHead(200).end(`\nX-Release: ${name}/8\n`),
    'health: release ',
  ],
  [
    'https alone',
    (request, response) => redirect(request.headers['x-forwarded-proto'] === 'https', response),
    'health: https 200',
  ],
]

describe.each(shells)('the health of a release, in %s', (shell) => {
  it.each(answers)('is judged by what answers on its socket: %s', async (_, listener, verdict) => {
    const socket = join(mkdtempSync(join(tmpdir(), 'tasks-socket-')), 's')
    const server = createServer(listener).listen(socket)
    const { events } = await machine(shell).run([asked(socket)])
    server.close()
    const said = events.flatMap((event) => (event.type === 'step.output' ? [event.text] : [])).join('')
    expect(said.trim().split('\n').at(-1)).toBe(verdict.trim())
  })

  it.each([
    ['/', '200', 'health: missing 200'],
    ['/', '404', 'well'],
    ['/home/', '', 'health: missing'],
  ])('takes no 404 where there should be a page: at %s, after %j', async (path, before, verdict) => {
    const socket = join(mkdtempSync(join(tmpdir(), 'tasks-socket-')), 's')
    const server = createServer((_, response) => response.writeHead(404, ours).end()).listen(socket)
    const { events } = await machine(shell).run([asked(socket, { path, before })])
    server.close()
    const said = events.flatMap((event) => (event.type === 'step.output' ? [event.text] : [])).join('')
    expect(said.trim()).toBe(verdict)
  })

  it('asks with the name of the site, and over http', async () => {
    const socket = join(mkdtempSync(join(tmpdir(), 'tasks-socket-')), 's')
    const heard: unknown[] = []
    const server = createServer(({ url, headers }, response) => {
      heard.push([url, headers.host, headers['x-forwarded-proto']])
      void response.writeHead(200, ours).end()
    }).listen(socket)
    await machine(shell).run([asked(socket, { path: '/[a]?b={c}' })])
    server.close()
    expect(heard).toEqual([['/[a]?b={c}', name, 'http']])
  })
})

it.each([
  [
    'health: status 400\n',
    '"/" answers with status 400: its ALLOWED_HOSTS may lack the site\'s name',
    'add "example.com" to ALLOWED_HOSTS, or leave app.overlay on',
  ],
  [
    'health: status 500\nTraceback …\nValueError: no\n',
    '"/" answers with status 500: ValueError: no',
    "run on the host: sudo journalctl -u 'gunicorn-example.com@*'",
  ],
  [
    'health: debug\n',
    '"/" answers with a debug page',
    'let DEBUG be False in the settings of this stage, or leave app.overlay on',
  ],
  [
    'health: release x/7\n',
    'what answers on its socket is not this release',
    "run on the host: sudo journalctl -u 'gunicorn-example.com@*'",
  ],
  [
    "health: died\nModuleNotFoundError: No module named 'x'\n",
    "it ends while it starts: ModuleNotFoundError: No module named 'x'",
    "run on the host: sudo journalctl -u 'gunicorn-example.com@*'",
  ],
  [
    'health: ended\n[2026-01-01] [7] [ERROR] Worker (pid:9) exited with code 1\n',
    'it answers at first and then ends: Worker (pid:9) exited with code 1',
    "run on the host: sudo journalctl -u 'gunicorn-example.com@*'",
  ],
  ['health: loop\n', '"/" redirects to itself', "run on the host: sudo journalctl -u 'gunicorn-example.com@*'"],
  ['health: missing \n', '"/" answers with status 404', 'name a page that the site has: app.healthPath'],
  [
    'health: missing 200\n',
    '"/" answers with status 404, and the release before answered with 200',
    'name a page that the site has: app.healthPath',
  ],
  [
    'health: silent closed\n',
    'it closes connections without an answer',
    "run on the host: sudo journalctl -u 'gunicorn-example.com@*'",
  ],
  [
    'health: silent\n',
    'it did not answer within 30 seconds',
    "set app.healthTimeout, or run on the host: sudo journalctl -u 'gunicorn-example.com@*'",
  ],
])('a sick release is told with the reason: %j', (output, because, hint) => {
  const release = releaseOf()
  const { explain } = healthy(release, { path: '/', timeout: 30, after: running(release) })
  const said = { output, verdict: 'failed', exitCode: 1, values: { release: '8' } } as const
  expect(explain?.(said)).toMatchObject({
    message: `Cannot serve release 8 of "example.com", because ${because}.`,
    hint,
  })
})

function asked(socket: string, { path = '/', before = '' } = {}) {
  return step({
    name: 'asked',
    title: 'asked',
    as: me,
    uses: [unitFunctions, healthFunctions],
    apply: sh`answers_well 0 no.service ${socket} ${name} ${path} ${name}/8 ${before} && printf 'well\n'`,
  })
}

function redirect(isSecure: boolean, response: Parameters<RequestListener>[1]): void {
  if (isSecure) response.writeHead(200, ours).end()
  else response.writeHead(301, { ...ours, Location: `https://${name}/x` }).end()
}
