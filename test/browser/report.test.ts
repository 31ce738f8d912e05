import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import { reportPage } from '../../src/render/report/page.ts'
import { deployed, failed, recorded, type Told } from '../render/events.ts'
import { toldWhy } from '../told.ts'
import { domIn, noBrowser, printed } from './browser.ts'

const because = toldWhy('pages in a real browser', noBrowser())
const folder = mkdtempSync(path.join(tmpdir(), 'tasks-pages-'))
afterAll(() => rmSync(folder, { recursive: true }))

const word = 'x'.repeat(300)
const diff = `--- /etc/${word}\n+++ /etc/${word}\n@@ -1 +1 @@\n-${word}\n+on paper as well\n`
const steps: readonly Told[] = [
  ...Array.from({ length: 40 }, (_, index): Told => ({ task: 'provision', name: `fact ${index}`, verdict: 'met' })),
  { task: 'deploy', name: 'wide', title: word, verdict: 'changed', output: [`${word}\n`], preview: diff },
  { task: 'deploy', name: 'said', verdict: 'changed', output: ['said at length\n'], end: { took: 30_000 } },
]
const wide: readonly Event[] = recorded({
  hosts: ['web1', word],
  steps,
  more: [{ type: 'run.failed', code: 'failed', message: word, hint: `run: ${word}`, output: word, host: 'web1' }],
  outcome: 'failed',
})

describe.skipIf(because !== undefined)('a page, in a real browser', () => {
  let seen: Readonly<Record<string, Seen>>
  let paper: string

  beforeAll(async () => {
    const phones = Object.entries({ wide, deployed, failed }).map(([name, events]) => frame(name, pageFor(events), 360))
    const scripted = pageFor(failed).replace('</body>', `<script>${measure('refused')}</script></body>`)
    const file = saved(
      'frames.html',
      framesPage([...phones, frame('desktop', pageFor(failed), 1000), ['refused', scripted, 800]]),
    )
    const [dom, text] = await Promise.all([domIn(file), printed(saved('paper.html', pageFor(wide)))])
    seen = JSON.parse(/<pre>([\s\S]*?)<\/pre>/.exec(dom)?.[1] ?? '{}')
    paper = text
  })

  it.each(['wide', 'deployed', 'failed'])('fits a phone of 360 pixels: %s', (name) => {
    expect(seen[name]).toMatchObject({ width: 360, beyond: [] })
    expect(seen[name]?.rows).toBeGreaterThan(2)
  })

  it('is styled by its own style, though its policy forbids all else', () => {
    expect(seen.desktop).toMatchObject({ background: 'rgb(246, 245, 242)', bar: 'rgb(189, 30, 44)' })
  })

  it('runs no script, even where one is in it', () => {
    expect(Object.keys(seen).sort()).toEqual(['deployed', 'desktop', 'failed', 'wide'])
  })

  it('is on paper as a whole: each row, and what is folded on the screen', () => {
    const rows = steps.filter(({ name }) => name !== 'wide').map(({ name }) => name)
    expect(rows.filter((row) => paper.split(new RegExp(`\\b${row}\\b`)).length - 1 < 2)).toEqual([])
    expect(paper).toContain('on paper as well')
    expect(paper).toContain('said at length')
  })
})

type Frame = readonly [name: string, page: string, width: number]

interface Seen {
  /** Of what can be scrolled to. */
  readonly width: number
  readonly rows: number
  /** Elements that reach out of the window. */
  readonly beyond: readonly string[]
  readonly background: string
  readonly bar: string
}

/** A page that tells what a browser makes of it, where its own policy would not let it. */
function frame(name: string, page: string, width: number): Frame {
  const open = page.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '')
  return [name, open.replace('</body>', `<script>${measure(name)}</script></body>`), width]
}

function measure(name: string): string {
  return `addEventListener('load', () => {
const isDrawn = (element) => element.closest('svg, pre') !== null && !element.matches('svg, pre')
const all = [...document.body.querySelectorAll('*')].filter((element) => !isDrawn(element))
const beyond = all.filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
parent.postMessage(['${name}', {
  width: document.documentElement.scrollWidth,
  rows: document.querySelectorAll('.row').length,
  beyond: beyond.map((element) => element.outerHTML.slice(0, 80)),
  background: getComputedStyle(document.body).backgroundColor,
  bar: getComputedStyle(document.querySelector('.bar.failed') ?? document.body).fill,
}], '*')
})`
}

/** Each in a frame of its width, since a browser's own window is never as narrow as a phone; what they tell stands in the end. */
function framesPage(frames: readonly Frame[]): string {
  const all = frames.map(([name, page, width]) => {
    const file = saved(`${name}.html`, page)
    return `<iframe src="${path.basename(file)}" style="border: 0; width: ${width}px; height: 800px"></iframe>`
  })
  const listen = `const seen = {}
addEventListener('message', ({ data: [name, told] }) => { seen[name] = told; document.querySelector('pre').textContent = JSON.stringify(seen) })`
  return `<!doctype html><body><pre>{}</pre><script>${listen}</script>${all.join('')}</body>`
}

function saved(name: string, page: string): string {
  const file = path.join(folder, name)
  writeFileSync(file, page)
  return file
}

function pageFor(events: readonly Event[]): string {
  return reportPage(events) ?? ''
}
