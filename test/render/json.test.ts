import { expect, it } from 'vitest'
import { jsonView } from '../../src/render/json.ts'
import type { Side, Sink } from '../../src/render/sink.ts'
import { deployed, failed } from './events.ts'
import { rendered } from './terminal.ts'

it('prints each event as it is, one a line, and nothing else anywhere', async () => {
  for (const events of [deployed, failed]) {
    const streams = await rendered(events, { kind: 'json', colors: true, level: 'quiet' })
    const lines = streams.text('stdout').split('\n')
    expect(lines.pop()).toBe('')
    expect(lines.map((line) => JSON.parse(line))).toEqual(events)
    expect(streams.text('stderr')).toBe('')
  }
})

it('writes at one go what happens at one go, before anything else happens', async () => {
  const written: string[] = []
  const view = jsonView({ write: (_: Side, text: string) => void written.push(text) } as Sink)
  const [one, two, three] = deployed.map((event) => ({ event, line: `${JSON.stringify(event)}\n` }))
  if (one === undefined || two === undefined || three === undefined) throw new Error('three events are wanted')
  for (const { event } of [one, two]) view.take(event)
  await Promise.resolve()
  expect(written).toEqual([one.line + two.line])
  view.take(three.event)
  await view.end()
  expect(written.join('')).toBe(one.line + two.line + three.line)
})
