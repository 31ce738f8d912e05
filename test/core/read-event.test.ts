import { describe, expect, it } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import { readEvent } from '../../src/core/read-event.ts'
import { deployed, dryRun, failed, nothingToDo } from '../render/events.ts'

const of = { host: 'web1', task: 't', step: 't/a', title: 'a' }
const holder = { user: 'me', machine: 'here', since: 'now', run: 'r0' }
const place = { number: 1, of: 2, task: 't', name: 'a', title: 'a', isAtWork: true }
const others: readonly Event[] = [
  { type: 'host.connected', host: 'web1', user: 'me', transport: { name: 'openssh', because: 'of a certificate' } },
  { type: 'host.lost', host: 'web1', because: 'of a cable', retryInSeconds: 1 },
  { type: 'lock.waiting', host: 'web1', lock: 'host', holder: { ...holder, site: 'a.example', place } },
  { type: 'data.sent', host: 'web1', what: 'content', id: 'abc', bytes: 3 },
  { type: 'command.started', host: 'web1', task: 't', number: 1, command: 'true', as: 'root' },
  { type: 'command.output', task: 't', number: 1, command: 'true', stream: 'stdout', text: 'said' },
  { type: 'command.finished', task: 't', number: 1, command: 'true', outcome: 'done', exitCode: 0, took: 1 },
  { type: 'transfer.started', host: 'web1', transfer: '1', direction: 'put', source: 'a', target: 'b', total: 3 },
  { type: 'transfer.progressed', host: 'web1', transfer: '1', bytes: 2 },
  { type: 'transfer.finished', host: 'web1', transfer: '1', outcome: 'done', files: 1, bytes: 3, took: 1 },
  { type: 'task.started', host: 'web1', task: 't' },
  { type: 'task.finished', task: 't', verdict: 'would run', took: 0 },
  { type: 'run.failed', code: 'unreachable', message: 'Cannot.' },
]

describe('a line of --json', () => {
  it('is read as the event that it was', () => {
    const events = [...deployed, ...dryRun, ...failed, ...nothingToDo, ...others]
    expect(events.map((event) => readEvent(JSON.stringify(event)))).toEqual(events)
  })

  it('is nothing to be read where its type is of a later version, or is an answer rather than a part of a run', () => {
    expect(readEvent('{"type":"moon.rose"}')).toBe('unknown')
    expect(readEvent('{"type":"releases.listed","releases":7}')).toBe('unknown')
    expect(readEvent('{"type":"constructor"}')).toBe('unknown')
  })

  it.each([
    ['no JSON', 'Nothing to do'],
    ['no object', '[{"type":"run.started"}]'],
    ['null', 'null'],
    ['without a type', '{"host":"web1"}'],
    ['lacking a field', JSON.stringify({ type: 'step.started', ...of })],
    ['with a number in place of a text', JSON.stringify({ type: 'step.output', ...of, text: 7 })],
    [
      'with a verdict that is none',
      JSON.stringify({ type: 'step.finished', ...of, verdict: 'fine', took: 1, elapsed: 1 }),
    ],
    ['with a time before the run', JSON.stringify({ type: 'step.started', ...of, elapsed: -1 })],
    [
      'with a time beyond all numbers',
      `{"type":"step.started","host":"h","task":"t","step":"s","title":"t","elapsed":1e999}`,
    ],
    ['with a list of other things', JSON.stringify({ type: 'steps.planned', host: 'web1', steps: [{ task: 't' }] })],
    ['with a hint that is no text', JSON.stringify({ type: 'note.told', level: 'note', message: 'm', hint: {} })],
    ['whose fields are those of its prototype', '{"type":"host.connecting","__proto__":{"host":"h","address":"a"}}'],
  ])('is bad when it is %s', (_, line) => {
    expect(readEvent(line)).toBe('bad')
  })
})
