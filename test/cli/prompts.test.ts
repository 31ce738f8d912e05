import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { inTerminal, type Turn } from './terminal.ts'

const asker = fileURLToPath(new URL('asker.ts', import.meta.url))
const jiti = path.join(path.dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib/jiti-cli.mjs')
const enter = '\r'
const down = '\u001b[B'

/** Runs the asker in a terminal of its own. */
async function asked(question: string, turns: readonly Turn[]) {
  const { screen } = await inTerminal([process.execPath, jiti, asker, question], turns)
  const answer: unknown = JSON.parse(/answer=(.*)/.exec(screen)?.[1] ?? 'null')
  return { answer, screen }
}

describe('the question about a step', () => {
  it.each([
    ['apply', enter],
    ['skip', down + enter],
    ['all', down + down + enter],
    ['abort', down + down + down + down + enter],
  ])('is answered with %s', async (answer, keys) => {
    expect((await asked('step', [[/abort[\s\S]*select/, keys]])).answer).toEqual({ answer, interrupts: 0 })
  })

  it('shows the script, and is asked again', async () => {
    const { answer, screen } = await asked('step', [
      [/abort[\s\S]*select/, down + down + down + enter],
      [/echo the script[\s\S]*abort[\s\S]*select/, enter],
    ])
    expect(answer).toEqual({ answer: 'apply', interrupts: 0 })
    expect(screen).toContain('web1: /a is so?')
  })

  it('stops the run on Ctrl-C', async () => {
    expect((await asked('step', [[/abort[\s\S]*select/, '\u0003']])).answer).toEqual({
      answer: 'interrupted',
      interrupts: 1,
    })
  })
})

describe('the question about a host key', () => {
  it('shows whose key it is, and is answered no by Enter alone', async () => {
    const { answer, screen } = await asked('hostKey', [[/y\/N/, enter]])
    expect(answer).toEqual({ answer: false, interrupts: 0 })
    expect(screen.replace(/\s+/g, ' ')).toContain(
      'web1 (203.0.113.7:22) is not known yet. Its ssh-ed25519 key is SHA256:abc. Is that right?',
    )
  })

  it('is answered yes by a y', async () => {
    expect((await asked('hostKey', [[/y\/N/, `y${enter}`]])).answer).toEqual({ answer: true, interrupts: 0 })
  })
})

describe('the question for a password', () => {
  it('does not show what is typed, and says when it comes again', async () => {
    const { answer, screen } = await asked('sudoPassword', [[/on web1:/, `correct horse${enter}`]])
    expect(answer).toEqual({ answer: 'correct horse', interrupts: 0 })
    const [before] = screen.split('answer=')
    expect(before).toContain('That was not it. sudo password of elspeth on web1:')
    expect(before).not.toContain('correct')
  })
})
