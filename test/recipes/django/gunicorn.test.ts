import { readdir } from 'node:fs/promises'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { writeFiles } from '../../kinds/index.ts'
import { ask, makeRelease, type Release, removed, served } from './release.ts'
import { virtualenv } from './virtualenv.ts'

// Each test starts Python a few times, all of them at once, on whatever machine this is.
vi.setConfig({ testTimeout: 120_000 })

const found = await virtualenv()
const bin = 'bin' in found ? found.bin : ''
const releases: Release[] = []
afterAll(() => Promise.all(releases.map(removed)))
const withPython = describe.skipIf('because' in found).concurrent

const application = `def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("x-release", "of the application")])
    return [(environ["wsgi.url_scheme"] + " from '" + environ["REMOTE_ADDR"] + "'").encode()]
`

async function release(config: string, files: Readonly<Record<string, string>> = {}): Promise<Release> {
  const all = { 'app.py': application, 'gunicorn.conf.py': config, ...files }
  const made = await makeRelease((source) => writeFiles(source, all), { bin })
  releases.push(made)
  return made
}

withPython('gunicorn with the generated config', () => {
  test.each([
    ['sync', 'workers = 1'],
    ['gthread', 'workers = 1\nthreads = 2'],
    ['a preloaded application', 'workers = 1\npreload_app = True'],
  ])('says once which release answers, with %s', async (_how, config) => {
    const made = await release(config)
    await served(made, 'app:application', async () => {
      const { status, headers } = await ask(made, '/')
      expect({ status, release: headers['x-release'] }).toEqual({ status: 200, release: 'site.example.com/8' })
    })
  })

  test('says it for an ASGI application too', async () => {
    const asgi = `async def application(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"X-Release", b"mine")]})
        await send({"type": "http.response.body", "body": b"async"})
`
    const made = await release('workers = 1\nworker_class = "asgi"\nasgi_lifespan = "off"', { 'asgi.py': asgi })
    await served(made, 'asgi:application', async () => {
      const { body, headers } = await ask(made, '/')
      expect({ body, release: headers['x-release'] }).toEqual({ body: 'async', release: 'site.example.com/8' })
    })
  })

  test('believes the one header that nginx overwrites about the scheme, and no other', async () => {
    const made = await release(
      'workers = 1\nsecure_scheme_headers = {"X-FORWARDED-SSL": "on"}\nforwarded_allow_ips = "10.0.0.1"',
    )
    await served(made, 'app:application', async () => {
      expect((await ask(made, '/', { 'X-Forwarded-Proto': 'https' })).body).toBe("https from ''")
      expect((await ask(made, '/', { 'X-Forwarded-Ssl': 'on', 'X-Forwarded-Proto': 'http' })).body).toBe("http from ''")
    })
  })

  test("starts in spite of what the author's machine had, and writes nothing into the source", async () => {
    const lines = [
      'bind = ["0.0.0.0:80", "unix:/run/elsewhere"]',
      'certfile = "/etc/ssl/none.pem"',
      'keyfile = "/etc/ssl/none.key"',
      'user = "www-data"',
      'group = "www-data"',
      'chdir = "/home/edith/project"',
      'pidfile = "server.pid"',
      'errorlog = "errors.log"',
      'accesslog = "access.log"',
      'reload = True',
      'daemon = True',
      'reuse_port = True',
      'umask = 0o077',
      'proxy_protocol = True',
      'workers = 1',
    ]
    const made = await release(lines.join('\n'))
    const said = await served(made, 'app:application', async () => {
      expect((await ask(made, '/', { 'X-Forwarded-For': '203.0.113.9' })).status).toBe(200)
    })
    expect(said).toContain('203.0.113.9 "GET / HTTP/1.1" 200')
    expect((await readdir(made.source)).sort()).toEqual(['app.py', 'gunicorn.conf.py'])
    // Newer versions open a control socket below the home folder, one for all sites of a user.
    expect(await readdir(made.root)).not.toContain('.gunicorn')
  })

  test('keeps the workers, the access log and the hooks of the project', async () => {
    const lines = [
      'workers = 3',
      'accesslog = None',
      'here = __file__',
      'def when_ready(server):\n    server.log.info("%s has %d workers", here.rsplit("/", 1)[1], server.num_workers)',
    ]
    const made = await release(lines.join('\n'))
    const said = await served(made, 'app:application', async () => {
      expect((await ask(made, '/')).status).toBe(200)
    })
    expect(said).toContain('gunicorn.conf.py has 3 workers')
    expect(said).not.toContain('GET /')
  })

  test("does not start when the project's own config is broken, and shows where", async () => {
    const made = await release('workers = int("many")')
    await expect(served(made, 'app:application', async () => undefined)).rejects.toThrow(
      /source\/gunicorn\.conf\.py", line 1[\s\S]*ValueError: invalid literal for int/,
    )
  })
})
