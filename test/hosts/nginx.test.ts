import { beforeAll, describe, expect, it } from 'vitest'
import { loadTemplate, renderTemplate } from '../../src/config/template.ts'
import { content } from '../../src/core/data.ts'
import { sh } from '../../src/core/sh.ts'
import { hostValue, type Step, step } from '../../src/core/step.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { nginxServes, nginxSite } from '../../src/steps/nginx.ts'
import { besideName } from '../../src/steps/path.ts'
import { provisioned } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'
import { reasonOf, runOn, stepsThat } from './run-on.ts'

const name = `${'long-label-of-a-name.'.repeat(3)}example.com`
const folder = '/srv/a site'

/** A site from our own template, in front of an application that answers with the request it got. */
function site(change: Record<string, unknown> = {}): readonly Step[] {
  const variables = {
    site: name,
    names: [name, 'www.example.com'],
    socket: '/run/echo.sock',
    static_url: '/static/',
    static_root: '@root@/static',
    media_url: '/media/',
    media_root: '@root@/media',
    max_body_size: '1m',
    in_place: false,
    ...change,
  }
  const { text } = loadTemplate('nginx.template.conf', { projectRoot: '/nonexistent' })
  const root = step({ name: 'root', title: 'root', value: hostValue('root'), check: sh`printf /srv/site` })
  const written = nginxSite({
    site: name,
    content: content(renderTemplate(text, variables, 'nginx.template.conf')),
    fill: [hostValue('root')],
  })
  return [root, written, nginxServes({ after: [written] })]
}

const echo = `
import http.server, os, socketserver
class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        if self.path == "/own-headers":
            self.send_header("X-Frame-Options", "DENY")
            self.send_header("Cache-Control", "private")
        self.end_headers()
        self.wfile.write("".join(f"{k.lower()}: {v}\\n" for k, v in self.headers.items()).encode())
    def address_string(self): return ""
class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer): pass
os.umask(0)
Server("/run/echo.sock", Echo).serve_forever()
`

const files = `
mkdir -p '${folder}/releases/1/static/env' '${folder}/media' && ln -sfn '${folder}' /srv/site && ln -sfn releases/1/static '${folder}/static'
cd '${folder}' && printf 'body {}\\n' >static/a.css && cp static/a.css static/a.0123456789ab.css
echo secret | tee static/.env static/env/x media/db.sqlite3 outside.txt >/dev/null; echo up >media/up.txt
head -c 4000 /dev/zero | tr '\\0' x >static/big.css
cat >/root/echo.py <<'END'
${echo}
END
systemd-run --quiet --unit echo python3 /root/echo.py
until [ -S /run/echo.sock ]; do sleep 0.05; done`

onHosts('nginx', () => {
  describe.each([12, 13] as const)('of Debian %i', (debian) => {
    let host: SandboxHost
    beforeAll(async () => {
      host = await withHost({ debian, from: await provisioned(debian) })
      await ssh(host, files, 'root')
    })

    const root = async (text: string) => (await ssh(host, text, 'root')).stdout
    const ask = (path: string, more = '') =>
      root(`curl -sS -m 10 -i ${more} -H 'Host: ${name}' 'http://127.0.0.1${path}' | tr -d '\\r'`)
    const status = async (path: string, more = '') => /^HTTP\/1.1 (\d+)/.exec(await ask(path, more))?.[1]

    it('serves a site with a long name, and again changes nothing', async () => {
      const announced = await runOn(host, site(), { mode: 'dry-run' })
      const done = await runOn(host, site())
      expect(reasonOf(done)).toBeUndefined()
      expect(stepsThat(done, 'changed')).toEqual(stepsThat(announced, 'would change', 'after'))
      expect(stepsThat(done, 'changed')).toEqual(['nginx serves', `nginx site ${name}`])
      expect(stepsThat(await runOn(host, site()), 'changed')).toEqual([])
    })

    it('tells the application what nginx saw, never what the client said', async () => {
      const lies = ['For: 6.6.6.6', 'Proto: https', 'Host: evil.example', 'Ssl: on', 'Prefix: /x'].map(
        (lie) => `-H 'X-Forwarded-${lie}'`,
      )
      const answer = await ask(
        '/',
        `${lies.join(' ')} -H 'Forwarded: for=6.6.6.6' -H 'Proxy: evil' -H 'X-Real-IP: 6.6.6.6'`,
      )
      const seen = answer
        .slice(answer.indexOf('\n\n'))
        .split('\n')
        .filter((line) => /^(host|x-|forwarded|proxy)/.test(line))
      expect(seen.sort()).toEqual([
        `host: ${name}`,
        'x-forwarded-for: 127.0.0.1',
        `x-forwarded-host: ${name}`,
        'x-forwarded-port: 80',
        'x-forwarded-proto: http',
        'x-real-ip: 127.0.0.1',
      ])
    })

    it('adds the headers that the application does not send, and lets its own be', async () => {
      const added = await ask('/')
      expect(added).toMatch(/^X-Frame-Options: SAMEORIGIN$/m)
      expect(added).toMatch(/^X-Content-Type-Options: nosniff$/m)
      expect(added).toMatch(/^Referrer-Policy: strict-origin-when-cross-origin$/m)
      expect(added).toMatch(/^Server: nginx$/m)
      const own = await ask('/own-headers')
      expect(own.match(/^(X-Frame-Options|Cache-Control): .*$/gm)).toEqual([
        'X-Frame-Options: DENY',
        'Cache-Control: private',
      ])
    })

    it('serves files itself, and tells browsers how long to keep them', async () => {
      const plain = await ask('/static/a.css')
      expect(plain).toMatch(/^Accept-Ranges: bytes$/m)
      expect(plain.match(/^Cache-Control: .*$/gm)).toEqual(['Cache-Control: no-cache'])
      expect(plain).toMatch(/^X-Content-Type-Options: nosniff$/m)
      expect(await ask('/static/a.0123456789ab.css')).toMatch(/^Cache-Control: public, max-age=31536000, immutable$/m)
      expect(await ask('/static/big.css', '--compressed')).toMatch(/^Content-Encoding: gzip$/m)
      expect(await ask('/media/up.txt')).toMatch(/\n\nup\n$/)
    })

    it.each([
      '/static/nope.css',
      '/static../outside.txt',
      '/media../outside.txt',
      '/static/.env',
      '/static/env/x',
      '/media/db.sqlite3',
      '/.git/config',
      '/static/../.env',
    ])('gives nothing away at %s', async (path) => {
      const answer = await ask(path, '--path-as-is')
      expect(answer).not.toContain('secret')
      if (!path.includes('..')) expect(answer).toMatch(/^HTTP\/1.1 404/)
    })

    it('refuses a body that is too large, and a name that is not one of the site', async () => {
      expect(await status('/', '--data-binary @/usr/bin/git -H Expect:')).toBe('413')
      expect((await ssh(host, "curl -sS -H 'Host: evil.example' http://127.0.0.1/", 'root')).code).toBe(52)
      expect((await ssh(host, "curl -sS -H 'Host: evil.example' 'http://[::1]/'", 'root')).code).toBe(52)
      expect(await root("curl -sS -o /dev/null -w %{http_code} -H 'Host: www.example.com' 'http://[::1]/'")).toBe('200')
    })

    it('puts back what was there when nginx refuses the new configuration', async () => {
      const before = await root('cd /etc/nginx && ls -la --time-style=+ sites-* && cat sites-available/*')
      const refused = await runOn(host, site({ max_body_size: '1m; junk' }))
      expect(reasonOf(refused)).toMatch(
        /^Cannot set up the site "long-\S+" in nginx, because nginx refuses its configuration at \S+:\d+: unknown directive "junk"\.$/,
      )
      expect(await root('cd /etc/nginx && ls -la --time-style=+ sites-* && cat sites-available/*')).toBe(before)
      expect(await status('/')).toBe('200')
    })

    it('leaves nothing half when another site was broken already, and names its line', async () => {
      await root("printf 'server {\\n  junk;\\n}\\n' >/etc/nginx/sites-enabled/old.example.com")
      const before = await root('cat /etc/nginx/sites-available/*; ls -A /etc/nginx/sites-*')
      expect(reasonOf(await runOn(host, site({ max_body_size: '2m' })))).toContain(
        'at /etc/nginx/sites-enabled/old.example.com:2: unknown directive "junk".',
      )
      expect(await root('cat /etc/nginx/sites-available/*; ls -A /etc/nginx/sites-*')).toBe(before)
      await root('rm /etc/nginx/sites-enabled/old.example.com')
    })

    it('finishes what a run that was killed before the test left, and pays what it owed', async () => {
      const available = `/etc/nginx/sites-available/${name}`
      const beside = besideName(available, 'old')
      await root(
        `cd /etc/nginx/sites-available && cp ${name} ${beside} && echo junk >>${name}; : >/var/lib/tasks/owed/nginx-reload`,
      )
      const done = await runOn(host, site())
      expect(stepsThat(done, 'changed')).toEqual(['nginx serves', `nginx site ${name}`])
      expect(await root('ls -A /etc/nginx/sites-available | grep tasks-')).toBe('tasks-catch-all\n')
      expect(await status('/')).toBe('200')
    })
  })
})
