import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Event } from '../../../src/core/event.ts'
import { reportPage } from '../../../src/render/report/page.ts'
import { deployed, dryRun, failed, nothingToDo, recorded, type Told } from '../events.ts'

const pageFor = (events: readonly Event[], run?: string) => reportPage(events, run) ?? ''

describe('the page of a run', () => {
  it('tells who asked for what, when and how, what it came to, and what to type for the same again', () => {
    const text = textOf(pageFor(asked(failed, { site: 'a b.example' })))
    expect(text).toContain('Failed deploy of a b.example Failed: 1 changed, 1 failed, 1 not reached (41 s).')
    expect(text).toContain(
      'When 2026-11-22 10:00:00 UTC Who edith@laptop How run Took 41 s Host web1 (203.0.113.10) Run r1',
    )
    expect(text).toContain("Command tasks deploy --site 'a b.example'")
  })

  it('tells a failure once at its top: the sentence, where, what the machine said, and the hint', () => {
    const [, section = ''] = /<section class="failures"[^>]*>([\s\S]*?)<\/section>/.exec(pageFor(failed)) ?? []
    expect(textOf(section)).toBe(
      [
        'What went wrong',
        'Cannot migrate "staging.example.com", because lists.0003_unique breaks a constraint.',
        'web1 › deploy › migrations are applied',
        'Applying lists.0003_unique... IntegrityError: UNIQUE constraint failed',
        '→ remove the double rows, then run: tasks deploy --site staging.example.com',
      ].join(' '),
    )
  })

  it('has a row for every step, planned ones too: its title, its verdict, and how long it took', () => {
    expect(rowsOf(pageFor(deployed))).toEqual([
      'apt knows its packages already so <0.1 s',
      'packages nginx, git changed 12.3 s',
      'user elspeth already so <0.1 s',
      'source of 3f2a1c9 changed <0.1 s',
      'folder for uploads skipped',
      'staging.example.com serves release 8 changed <0.1 s',
    ])
    expect(rowsOf(pageFor(failed)).at(-1)).toBe('the page is served not reached')
    expect(rowsOf(pageFor(dryRun)).slice(-2)).toEqual([
      'nginx runs decided after packages and nginx.conf <0.1 s',
      'nginx serves staging.example.com decided after provision/packages <0.1 s',
    ])
  })

  it('shows diffs in colours that are not colours alone, and what steps said', () => {
    const page = pageFor(dryRun)
    expect(page).toContain('<summary>Diff</summary>')
    expect(page).toContain(
      '<del>-worker_processes auto;</del>\n<ins>+worker_processes 2;</ins>\n pid /run/nginx.pid;\n',
    )
    expect(page).toContain('<summary>What is to be done</summary><pre tabindex="0">nginx\ngit\n</pre>')
    expect(pageFor(deployed)).toContain(
      '<summary>Output</summary><pre tabindex="0">Reading package lists...\nUnpacking nginx (1.22.1-9) ...</pre>',
    )
  })

  it('names the release that serves now, and says notes and warnings', () => {
    const text = textOf(pageFor(deployed))
    expect(text).toContain('staging.example.com now serves release 8 (3f2a1c9)')
    expect(text).toContain('Django 5.2 in src/, settings superlists.settings')
    expect(text).toContain('Warning: SECURE_HSTS_SECONDS is not set. → set it in the settings')
  })

  it('folds a task in which all was so already, and no other', () => {
    expect(pageFor(nothingToDo).match(/<details class="task">/g)).toHaveLength(2)
    expect(pageFor(deployed).match(/<details class="task" open>/g)).toHaveLength(2)
  })

  it('puts each step where it was in time, on one axis for all hosts', () => {
    const steps: readonly Told[] = [
      { task: 'go', name: 'a', verdict: 'changed', end: { took: 10_000 } },
      { task: 'go', name: 'b', verdict: 'met', end: { took: 30_000 } },
    ]
    const page = pageFor(recorded({ hosts: ['one', 'two'], steps }))
    expect(page.match(/<rect class="bar changed" x="0%" width="25%"/g)).toHaveLength(4)
    expect(page.match(/<rect class="bar met" x="25%" width="75%"/g)).toHaveLength(4)
    expect(page.match(/<text class="time"[^>]*>[^<]*/g)?.map((label) => label.replace(/.*>/, ''))).toEqual(
      [1, 2].flatMap(() => ['0', '10 s', '20 s', '30 s', '40 s']),
    )
    expect(textOf(page)).toContain('What took longest 30 s b one 30 s b two 10.0 s a one 10.0 s a two')
  })

  it('has no timeline where no time passed', () => {
    const steps: readonly Told[] = [{ task: 'go', name: 'a', verdict: 'met', end: { took: 0 } }]
    expect(pageFor(recorded({ steps }))).not.toContain('<svg class="timeline"')
  })

  it('leads from each long step to its row', () => {
    const page = pageFor(deployed)
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
    expect(links.filter((id) => !page.includes(`id="${id}"`))).toEqual([])
  })

  it('says what functions ran, and what that said', () => {
    const of = { task: 'verify', number: 1, command: './manage.py test' }
    const more: readonly Event[] = [
      { type: 'command.started', ...of },
      { type: 'command.output', ...of, stream: 'stdout', text: 'OK: 3 tests\n' },
      { type: 'command.finished', ...of, outcome: 'failed', exitCode: 3, took: 5 },
    ]
    expect(textOf(pageFor(recorded({ steps: [], more })))).toContain(
      'Commands verify, on the machine that asked $ ./manage.py test OK: 3 tests (exit code 3)',
    )
  })

  it('says that events end before the run does', () => {
    const text = textOf(pageFor(deployed.slice(0, 8)))
    expect(text).toContain('Not ended provision, deploy on web1')
    expect(text).toContain('The events end before the run does.')
    expect(rowsOf(pageFor(deployed.slice(0, 7)))[0]).toBe('apt knows its packages not finished')
  })
})

describe('of several runs', () => {
  const renamed = (events: readonly Event[], run: string) =>
    events.map((event) => ('run' in event ? { ...event, run } : event))
  const all = [...renamed(failed, 'r1'), ...renamed(nothingToDo, 'r2')]

  it('the last is told, or the one that was named, and no other', () => {
    expect(textOf(pageFor(all))).toContain('Nothing to do: all 35 steps are already so.')
    expect(textOf(pageFor(all, 'r1'))).toContain('1 changed, 1 failed, 1 not reached')
    expect(pageFor(all, 'r1')).not.toContain('fact 1')
    expect(reportPage(all, 'r3')).toBeUndefined()
    expect(reportPage([])).toBeUndefined()
  })

  it('notes that are told before a run begins are of that run', () => {
    const note: Event = { type: 'note.told', level: 'note', message: 'Before the second.' }
    const both = [...renamed(failed, 'r1'), note, ...renamed(nothingToDo, 'r2')]
    expect(pageFor(both, 'r2')).toContain('Before the second.')
    expect(pageFor(both, 'r1')).not.toContain('Before the second.')
  })

  it('those that two hosts tell of one run are put together', () => {
    const steps: readonly Told[] = [{ task: 'go', name: 'a', verdict: 'changed' }]
    const one = recorded({ hosts: ['one'], steps, outcome: 'failed' })
    const text = textOf(pageFor([...one, ...recorded({ hosts: ['two'], steps, took: 50_000 })]))
    expect(text).toContain('Failed: 2 changed (50 s).')
    expect(text).toContain('Hosts one (203.0.113.10) and two (203.0.113.10)')
  })
})

describe('what others say', () => {
  const evil = `<script>alert(1)</script>"'&<img src=x onerror=alert(2)>\x1b[31mred\x1b]0;t\x07\x00\u202Eesrever\u2028</title></style></pre>`
  const shown = 'red\\x00\\u{202e}esrever'

  it('shows as it is, wherever it stands, and is never markup', () => {
    const page = pageFor(hostile(evil))
    expect(page).not.toMatch(/<script|<img|onerror=(?!alert\(2\)&gt;)/)
    expect(page).not.toMatch(notShown)
    expect(page.match(/<\/style>|<\/title>/g)).toHaveLength(2 + pageFor(hostile('x')).split('</title>').length - 2)
    expect(tagsOf(page)).toEqual(tagsOf(pageFor(hostile('x'))))
    expect(textOf(page).split(shown).length).toBeGreaterThan(20)
  })

  it('is cut where it is endless, and the page says so', () => {
    const long = Array.from({ length: 50_000 }, (_, index) => `line ${index}\n`)
    const diff = `--- a\n+++ b\n@@ -1 +1 @@\n${long.map((line) => `+${line}`).join('')}`
    const steps: readonly Told[] = [
      { task: 'go', name: 'a', verdict: 'changed', output: [long.join('')], preview: diff },
      { task: 'go', name: 'b', verdict: 'changed', output: ['x'.repeat(9_000_000)] },
    ]
    const page = pageFor(recorded({ steps }))
    expect(page.length).toBeLessThan(200_000)
    expect(page).toContain('line 49999</pre>')
    expect(page.match(/the page shows at most the last 200 lines\./g)).toHaveLength(2)
    expect(page).toContain('49604 more lines, left out here: a dry run with --verbose shows all.')
  })

  it('does not make a short output look as if it were cut', () => {
    const output = Array.from({ length: 200 }, (_, index) => `line ${index}\n`)
    const page = pageFor(recorded({ steps: [{ task: 'go', name: 'a', verdict: 'changed', output }] }))
    expect(page).toContain('<pre tabindex="0">line 0\n')
    expect(page).not.toContain('class="cut"')
  })
})

describe('the page itself', () => {
  const page = pageFor(failed)

  it('allows nothing but its own style: no script, no style in attributes, no address to load from', () => {
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">`,
    )
    expect(page).not.toMatch(/<(?:script|link|img|iframe|object|base)\b|\sstyle=|\son\w+=|\bsrc=|url\(|@import/)
    expect(page.match(/href="[^#]/g)).toBeNull()
  })

  it.each(['light', 'dark', 'print'] as const)('has enough contrast for every text: %s', (look) => {
    const colours = coloursOf(page, look)
    const grounds = ['paper', 'card', 'code', 'alarm']
    const inks = ['ink', 'faint', 'link', 'changed', 'would', 'met', 'after', 'skipped', 'failed', 'unknown']
    const pairs = [
      ...inks.flatMap((ink) => grounds.map((ground) => [ink, ground] as const)),
      ...[['changed', 'added'] as const, ['failed', 'removed'] as const],
    ]
    const weak = pairs.filter(([ink, ground]) => contrast(colours[ink] ?? '', colours[ground] ?? '') < 4.5)
    expect(weak).toEqual([])
  })
})

/** The same events, with somebody who asked. */
function asked(events: readonly Event[], { site }: { readonly site: string }): readonly Event[] {
  const who = { task: 'deploy', site, user: 'edith', machine: 'laptop' }
  return events.map((event) => (event.type === 'run.started' ? { ...event, asked: who } : event))
}

/** A run that says one thing in each of its texts. */
function hostile(text: string): readonly Event[] {
  const of = { host: text, task: text, step: `${text}/${text}`, title: text }
  const counts = { met: 0, changed: 0, wouldChange: 0, after: 1, skipped: 0, failed: 1, unknown: 0 }
  const wire = { connections: 1, channels: 1, requests: 1, bytesSent: 1, bytesReceived: 1 }
  const who = { task: text, site: text, user: text, machine: text }
  return [
    { type: 'run.started', run: text, mode: 'run', tasks: [text], hosts: [text], at: text, asked: who },
    { type: 'host.connecting', host: text, address: `${text}.` },
    { type: 'host.lost', host: text, because: text },
    { type: 'lock.waiting', host: text, lock: text, holder: { user: text, machine: text, since: text, run: text } },
    { type: 'steps.planned', host: text, steps: [{ task: text, step: `${text}/other`, title: text }] },
    { type: 'value.set', host: text, name: 'v', value: text },
    { type: 'step.started', ...of, elapsed: 0 },
    { type: 'step.previewed', ...of, text: `@@ ${text}\n-${text}\n+${text}\n--- ${text}` },
    { type: 'step.output', ...of, text },
    {
      ...{ type: 'step.finished', ...of, verdict: 'failed', because: text, hint: text, output: text },
      ...{ took: 2000, elapsed: 2000 },
    },
    { type: 'step.started', ...of, step: `${text}/after`, elapsed: 2000 },
    { type: 'step.finished', ...of, step: `${text}/after`, verdict: 'after', after: [text], took: 0, elapsed: 2000 },
    { type: 'note.told', level: 'warning', host: text, message: text, hint: text },
    { type: 'command.started', host: text, task: text, number: 1, command: text },
    { type: 'command.output', host: text, task: text, number: 1, command: text, stream: 'stderr', text },
    { type: 'release.switched', host: text, site: text, release: 1, commit: text },
    { type: 'run.failed', code: 'failed', message: text, hint: text, output: text, host: text },
    { type: 'host.finished', host: text, outcome: 'failed', counts },
    { type: 'run.finished', run: text, mode: 'run', outcome: 'failed', counts, wire, took: 2000 },
  ]
}

/** Control characters but the line feed, and marks that turn the direction of writing. */
const notShown =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069]/

function tagsOf(page: string): readonly string[] {
  return [...page.matchAll(/<\/?[a-z][a-z0-9]*/g)].map(([tag]) => tag)
}

function rowsOf(page: string): readonly string[] {
  return [...page.matchAll(/<div class="row">([\s\S]*?)<\/div>/g)].map(([, row = '']) => textOf(row))
}

function textOf(page: string): string {
  return page
    .replace(/<head>[\s\S]*<\/head>/, '')
    .replace(/<title>.*?<\/title>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim()
}

function coloursOf(page: string, look: 'light' | 'dark' | 'print'): Readonly<Record<string, string>> {
  const blocks = [...page.matchAll(/:root \{([^}]*)\}/g)].map(([, block = '']) =>
    Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, colour]) => [name, colour])),
  )
  return blocks[['light', 'dark', 'print'].indexOf(look)] ?? {}
}

/** As WCAG 2 counts it. */
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
