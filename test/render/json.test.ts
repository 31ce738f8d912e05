import { expect, it } from 'vitest'
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

it('writes an event the moment it comes', async () => {
  const streams = await rendered(deployed, { kind: 'json' })
  expect(streams.writes).toHaveLength(deployed.length)
})
