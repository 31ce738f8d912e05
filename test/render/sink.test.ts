import { PassThrough, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createRenderer } from '../../src/render/renderer.ts'
import { deployed, dryRun } from './events.ts'
import { rendered, Streams } from './terminal.ts'

function broken(code: string): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(`write ${code}`), { code })) })
}

describe('a stream that breaks', () => {
  it.each(['plain', 'json', 'tree'] as const)('because nobody reads it any more ends quietly: %s', async (kind) => {
    const { stderr } = new Streams()
    const renderer = createRenderer({
      kind,
      level: 'normal',
      colors: false,
      columns: () => 80,
      stdout: broken('EPIPE'),
      stderr,
    })
    for (const event of dryRun) renderer.emit(event)
    await expect(renderer.end()).resolves.toBeUndefined()
  })

  it('does not silence the other one', async () => {
    const streams = new Streams()
    const renderer = createRenderer({
      kind: 'plain',
      level: 'normal',
      colors: false,
      columns: () => 80,
      stdout: streams.stdout,
      stderr: broken('EPIPE'),
    })
    for (const event of deployed) renderer.emit(event)
    await renderer.end()
    expect(streams.text('stdout')).toContain('Done: ')
  })

  it('for another reason is told', async () => {
    const { stderr } = new Streams()
    const renderer = createRenderer({
      kind: 'json',
      level: 'normal',
      colors: false,
      columns: () => 80,
      stdout: broken('ENOSPC'),
      stderr,
    })
    for (const event of deployed) renderer.emit(event)
    await expect(renderer.end()).rejects.toThrow('write ENOSPC')
  })
})

it('has ended only when a slow reader has taken every byte', async () => {
  const stdout = new PassThrough({ highWaterMark: 1 })
  const { stderr } = new Streams()
  const renderer = createRenderer({ kind: 'json', level: 'normal', colors: false, columns: () => 80, stdout, stderr })
  for (const event of deployed) renderer.emit(event)
  let text = ''
  const reading = (async () => {
    for await (const chunk of stdout) text += chunk
  })()
  await renderer.end()
  stdout.end()
  await reading
  expect(text).toBe((await rendered(deployed, { kind: 'json' })).text('stdout'))
})
