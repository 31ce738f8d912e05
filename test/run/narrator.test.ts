import { describe, expect, it } from 'vitest'
import { hiddenIn, secret } from '../../src/core/data.ts'
import type { Event } from '../../src/core/event.ts'
import { sh } from '../../src/core/sh.ts'
import { hostValue, type Step, step } from '../../src/core/step.ts'
import { compile } from '../../src/program/compile.ts'
import { FrameReader } from '../../src/program/frames.ts'
import { masking } from '../../src/run/mask.ts'
import { Narrator } from '../../src/run/narrator.ts'

const hidden = secret('dotenv', 'x', { hidden: ['hush-hush'] })

/** What is told of a run whose host said this. `>` begins a frame; everything else is output. */
function told(steps: readonly Step[], lines: readonly string[]) {
  const events: Event[] = []
  const program = compile([{ task: 'test', summary: '', steps }], { host: 'web1', loginUser: 'root', style: 'wire' })
  const narrator = new Narrator('web1', program, {
    emit: (event) => void events.push(event),
    mask: masking(hiddenIn([hidden])),
  })
  const reader = new FrameReader('m')
  const stream = lines.map((line) => (line.startsWith('>') ? `\nm ${line.slice(1)}\n` : line)).join('')
  for (const piece of reader.read(Buffer.from(`\nm hello run\n${stream}`))) narrator.tell(piece)
  return { events, narrator }
}

const plain = (name: string, more: Partial<Step> = {}) =>
  step({ name, title: `title of ${name}`, check: sh`true`, apply: sh`true`, ...(more as object) } as Parameters<
    typeof step
  >[0])
const finished = (events: readonly Event[]) => events.filter((event) => event.type === 'step.finished')

describe('what a host says', () => {
  it('becomes events, in its order, each with its host, task, step and title', () => {
    const { events, narrator } = told(
      [plain('one')],
      ['>task 0', '>start 1 10.00', '>apply 1 10.50', 'said\n', '>end 1 changed 0 11.25', '>finish done'],
    )
    const about = { host: 'web1', task: 'test', step: 'test/one', title: 'title of one' }
    expect(events).toEqual([
      { type: 'step.started', ...about, elapsed: 0 },
      { type: 'step.applying', ...about },
      { type: 'step.output', ...about, text: 'said\n' },
      { type: 'step.finished', ...about, verdict: 'changed', took: 1250, elapsed: 1250 },
    ])
    expect(narrator.counts).toMatchObject({ changed: 1, met: 0 })
    expect(narrator.failure).toBeUndefined()
  })

  it('tells a line when nothing but its end is to come, and the end not twice', () => {
    const events: Event[] = []
    const program = compile([{ task: 'test', summary: '', steps: [plain('one')] }], {
      host: 'web1',
      loginUser: 'root',
      style: 'wire',
    })
    const narrator = new Narrator('web1', program, { emit: (event) => void events.push(event), mask: (text) => text })
    const reader = new FrameReader('m')
    for (const chunk of ['\nm hello run\n\nm start 1 1\nwaiting\n', 'still\n', '\nm end 1 met 0 1\n']) {
      for (const piece of reader.read(Buffer.from(chunk))) narrator.tell(piece)
      if (reader.isAtLineEnd) narrator.endLine()
    }
    expect(events.flatMap((event) => (event.type === 'step.output' ? event.text : []))).toEqual([
      'waiting\n',
      'still\n',
    ])
  })

  it('names the steps that decide another one', () => {
    const { events } = told(
      [plain('one'), plain('two')],
      ['>start 1 1', '>end 1 would 1 1', '>start 2 1', '>end 2 after 0 1 1'],
    )
    expect(finished(events)).toMatchObject([{ verdict: 'would change' }, { verdict: 'after', after: ['test/one'] }])
  })

  it('puts host values into titles as soon as they are known', () => {
    const steps = [
      step({ name: 'n', title: 'number', value: hostValue('number'), check: sh`echo 8` }),
      plain('later', { title: 'release <number> of <other>' }),
    ]
    const { events } = told(steps, [
      '>start 1 1',
      '>value 1 number 8',
      '>end 1 met 0 1',
      '>start 2 1',
      '>end 2 met 0 1',
    ])
    expect(events).toContainEqual({ type: 'value.set', host: 'web1', name: 'number', value: '8' })
    expect(finished(events).at(-1)).toMatchObject({ title: 'release 8 of <other>' })
  })

  it('hides secrets in output, previews, values, reasons and the last lines, also where they came in two pieces', () => {
    const explain = ({ output }: { readonly output: string }) => ({ message: `Cannot, because ${output.trim()}.` })
    const { events } = told(
      [plain('one', { explain })],
      [
        '>start 1 1',
        '>preview 1',
        '+ hush-hush\n',
        '>previewed 1 0',
        '>value 1 v hush-hush',
        'a hush-',
        'hush b\nhush-hush',
        '>end 1 failed 3 2',
      ],
    )
    expect(JSON.stringify(events)).not.toContain('hush-hush')
    expect(finished(events)).toMatchObject([{ because: 'Cannot, because a *** b\n***.', output: 'a *** b\n***' }])
  })

  it('keeps the first failure, which is what the person reads last', () => {
    const { narrator } = told(
      [plain('one'), plain('two')],
      ['>start 1 1', 'first\n', '>end 1 failed 3 1', '>start 2 1', '>end 2 failed 4 1'],
    )
    expect(narrator.failure).toMatchObject({
      step: 'test/one',
      message: 'Cannot establish "title of one" on "web1", because its command ended with exit code 3.',
      output: 'first',
    })
  })

  it.each<readonly [string, Partial<Step>, string, string]>([
    [
      'did not converge',
      {},
      'failed 1 1 did-not-converge',
      'Cannot establish "title of s" on "web1", because it is still not so after it was applied.',
    ],
    [
      'hung in its check',
      { timeouts: { check: 7, apply: 9 } },
      'unknown 124 1',
      'Cannot tell whether "title of s" on "web1" holds, because its check did not end within 7 seconds.',
    ],
    [
      'hung in its apply',
      { timeouts: { check: 7, apply: 9 } },
      'failed 124 1',
      'Cannot establish "title of s" on "web1", because it did not end within 9 seconds.',
    ],
    [
      'could not be checked',
      {},
      'unknown 7 1',
      'Cannot tell whether "title of s" on "web1" holds, because its check ended with exit code 7.',
    ],
  ])('says why, of a step that %s', (_, more, end, because) => {
    expect(finished(told([plain('s', more)], ['>start 1 1', `>end 1 ${end}`]).events)).toMatchObject([{ because }])
  })

  it('says of an assertion that the run cannot go on', () => {
    const { events } = told(
      [step({ name: 's', title: 'the sky is blue', check: sh`false` })],
      ['>start 1 1', '>end 1 failed 1 1'],
    )
    expect(finished(events)).toMatchObject([
      { because: 'Cannot go on, because "the sky is blue" on "web1" does not hold.' },
    ])
  })

  it('says that a later step undid an earlier one', () => {
    const { narrator } = told([plain('one')], ['>start 1 1', '>end 1 changed 0 1', '>pass', '>unproved 1 1'])
    expect(narrator.failure).toMatchObject({
      step: 'test/one',
      message: 'Cannot establish "title of one" on "web1", because a later step undid it (its check then gave 1).',
    })
  })

  it('tells the news that a step reads in its output, and none of a step that failed', () => {
    const tell = () => [
      { kind: 'warning' as const, message: 'hush-hush is weak', hint: 'choose another' },
      { kind: 'switched' as const, site: 'a.example', release: 2, commit: 'abc' },
      { kind: 'releases' as const, site: 'a.example', releases: [] },
    ]
    const { events } = told(
      [plain('one', { tell }), plain('two', { tell })],
      ['>start 1 1', '>end 1 met 0 1', '>start 2 1', '>end 2 failed 1 1'],
    )
    expect(events.filter(({ type }) => ['note.told', 'release.switched', 'releases.listed'].includes(type))).toEqual([
      {
        type: 'note.told',
        level: 'warning',
        host: 'web1',
        task: 'test',
        step: 'test/one',
        message: '*** is weak',
        hint: 'choose another',
      },
      { type: 'release.switched', host: 'web1', site: 'a.example', release: 2, commit: 'abc' },
      { type: 'releases.listed', host: 'web1', site: 'a.example', releases: [] },
    ])
  })

  it('keeps the end of a long output, and shows its last twenty lines', () => {
    const text = Array.from({ length: 40_000 }, (_, index) => `line ${index}\n`).join('')
    const said: string[] = []
    const tell = ({ output }: { readonly output: string }) => {
      said.push(output)
      return []
    }
    const { events } = told(
      [plain('one', { tell }), plain('two')],
      ['>start 1 1', text, '>end 1 met 0 1', '>start 2 1', text, '>end 2 failed 1 1'],
    )
    expect(said[0]?.length).toBe(64 * 1024)
    expect(finished(events).at(-1)).toMatchObject({
      output: expect.stringMatching(/^line 39980\n(line \d+\n){18}line 39999$/),
    })
  })
})
