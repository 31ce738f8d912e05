import { describe, expect, it } from 'vitest'
import { dryRun, recorded } from './events.ts'
import { drawing, rendered } from './terminal.ts'

describe('a dry run', () => {
  it('in plain lines: all of its steps, with diffs, are what was asked for', async () => {
    const streams = await rendered(dryRun, { kind: 'plain' })
    expect(streams.text('stdout')).toBe(`web1  provision  apt knows its packages … met
web1  provision  packages nginx, git … would change
    nginx
    git
web1  provision  nginx takes long names … would change
    --- /etc/nginx/nginx.conf
    +++ /etc/nginx/nginx.conf
    @@ -1,3 +1,3 @@
     user www-data;
    -worker_processes auto;
    +worker_processes 2;
     pid /run/nginx.pid;
web1  provision  nginx runs … after: packages and nginx.conf
web1  deploy     nginx serves staging.example.com … after: provision/packages
Dry run: 2 would change, 2 are decided after them, 1 already so. Nothing was touched.
`)
    expect(streams.text('stderr')).toBe('web1  connecting to 203.0.113.10\n')
  })

  it('on a terminal: the same, in a tree', async () => {
    const { renderer, draw, streams, screen } = drawing({ columns: 80 })
    await draw(...dryRun)
    await renderer.end()
    expect(await screen()).toBe(`web1  elspeth@203.0.113.10
~ provision  2 would change, 1 decided after them, 1 already so
  ✔ apt knows its packages  met
  ~ packages nginx, git  would change
    nginx
    git
  ~ nginx takes long names  would change
    --- /etc/nginx/nginx.conf
    +++ /etc/nginx/nginx.conf
    @@ -1,3 +1,3 @@
     user www-data;
    -worker_processes auto;
    +worker_processes 2;
     pid /run/nginx.pid;
  ↳ nginx runs  after: packages and nginx.conf
↳ deploy  1 decided after them
  ↳ nginx serves staging.example.com  after: provision/packages

Dry run: 2 would change, 2 are decided after them, 1 already so. Nothing was
touched.`)
    expect(streams.text('stdout')).toContain('nginx takes long names')
    expect(streams.text('stderr')).not.toContain('nginx takes long names')
  })

  it('colours what goes, what comes and where, and nothing that is no diff', async () => {
    const text = (await rendered(dryRun, { kind: 'plain', colors: true })).text('stdout')
    expect(text).toContain('    \x1b[31m-worker_processes auto;\x1b[39m\n    \x1b[32m+worker_processes 2;\x1b[39m\n')
    expect(text).toContain('    \x1b[36m@@ -1,3 +1,3 @@\x1b[39m\n     user www-data;\n')
    expect(text).toContain('    \x1b[1m--- /etc/nginx/nginx.conf\x1b[22m\n')
    expect(text).toContain('    nginx\n    git\n')
  })

  it('shows the beginning of a long diff, and all of it with --verbose', async () => {
    const preview = `@@ -0,0 +1,1000 @@\n${Array.from({ length: 1000 }, (_, index) => `+line ${index}`).join('\n')}\n`
    const events = recorded({
      mode: 'dry-run',
      steps: [{ task: 'go', name: 'file', verdict: 'would change', preview }],
    })
    const short = (await rendered(events, { kind: 'plain' })).text('stdout').split('\n')
    expect(short.slice(60, 62)).toEqual([
      '    … 942 more lines; --verbose shows all',
      'Dry run: 1 would change. Nothing was touched.',
    ])
    const long = (await rendered(events, { kind: 'plain', level: 'verbose' })).text('stdout')
    expect(long).toContain('    +line 999\n')
  })

  it('comes to one line with --quiet', async () => {
    const streams = await rendered(dryRun, { kind: 'plain', level: 'quiet' })
    expect(streams.text()).toBe(
      'Dry run: 2 would change, 2 are decided after them, 1 already so. Nothing was touched.\n',
    )
  })
})
