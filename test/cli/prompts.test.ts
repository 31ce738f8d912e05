import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const asker = fileURLToPath(new URL('asker.ts', import.meta.url))
const jiti = path.join(path.dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib/jiti-cli.mjs')
const enter = '\r'
const down = '\u001b[B'

/** Runs the asker in a terminal of its own, and presses the keys of each turn when its words have appeared. */
function asked(question: string, turns: readonly (readonly [appears: RegExp, keys: string])[]) {
  return new Promise<{ readonly answer: unknown; readonly screen: string }>((resolve, reject) => {
    const command = [process.execPath, jiti, asker, question].map((word) => `'${word}'`).join(' ')
    const child = spawn('script', ['-qfec', command, '/dev/null'], {
      env: { ...process.env, NO_COLOR: '1', TERM: 'xterm' },
    })
    const left = [...turns]
    let screen = ''
    let unread = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text
      unread += text
      const [next] = left
      if (next === undefined || !next[0].test(unread)) return
      left.shift()
      unread = ''
      child.stdin.write(next[1])
    })
    child.on('error', reject)
    child.on('close', () => resolve({ answer: JSON.parse(/answer=(.*)/.exec(screen)?.[1] ?? 'null'), screen }))
  })
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
