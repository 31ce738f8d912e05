import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { content, secret } from '../../src/core/data.ts'
import { sh } from '../../src/core/sh.ts'
import { always, hostValue, step } from '../../src/core/step.ts'
import { absent, directory, file, symlink } from '../../src/steps/index.ts'
import { toldWhy } from '../told.ts'
import { machine, shells } from './harness.ts'

const isRoot = process.getuid?.() === 0
toldWhy('steps of several users', isRoot ? undefined : 'only root can become somebody else')

describe.runIf(isRoot).each(shells)('steps of several users in %s', (shell) => {
  const place = () => {
    const here = machine(shell)
    chmodSync(here.folder, 0o755)
    mkdirSync(join(here.folder, 'theirs'))
    chmodSync(join(here.folder, 'theirs'), 0o777)
    return here
  }

  it('are done by those users, each with a home and an empty standard input', async () => {
    const here = place()
    const path = join(here.folder, 'theirs/file')
    const own = step({
      name: 'own',
      title: 'own',
      as: 'nobody',
      check: sh`test -e ${path}`,
      apply: sh`cat; test "$USER" = nobody; : >${path}`,
    })
    const root = step({ name: 'root', title: 'root', check: sh`test "$(id -un)" = root` })
    const again = step({
      name: 'again',
      title: 'again',
      as: 'nobody',
      check: sh`test "$(id -un)" = nobody && test -O ${path}`,
    })
    expect((await here.run([own, root, again])).verdicts).toEqual(['own: changed', 'root: met', 'again: met'])
    expect(statSync(path).uid).toBe(65534)
  })

  it('know the host values that others set, and set their own', async () => {
    const here = place()
    const one = hostValue('one')
    const two = hostValue('two')
    const steps = [
      step({ name: 'one', title: 'one', value: one, check: sh`printf %s ${'a \'b\' "c" $HOME `x`'}` }),
      step({ name: 'two', title: 'two', as: 'nobody', value: two, check: sh`printf '%s!' ${one}` }),
      step({ name: 'seen', title: 'seen', check: sh`test ${two} = ${'a \'b\' "c" $HOME `x`!'}` }),
    ]
    expect((await here.run(steps)).verdicts).toEqual(['one: met', 'two: met', 'seen: met'])
  })

  it('answer each question once, whatever a value looks like', async () => {
    const here = place()
    const lines = hostValue('lines')
    const steps = [
      step({ name: 'lines', title: 'lines', as: 'nobody', value: lines, check: sh`printf 'one\ntwo\n\nthree\n'` }),
      step({ name: 'seen', title: 'seen', as: 'nobody', check: sh`test ${lines} = 'one two  three'` }),
      step({ name: 'next', title: 'next', as: 'nobody', check: sh`true` }),
    ]
    expect((await here.run(steps)).verdicts).toEqual(['lines: met', 'seen: met', 'next: met'])
  })

  it('read the data and the secrets that are theirs', async () => {
    const here = place()
    const text = content('a template\n')
    const hidden = secret('their-secret', 'hush hush')
    const steps = [
      step({
        name: 'read',
        title: 'read',
        as: 'nobody',
        data: [text, hidden],
        check: sh`cat ${text} ${hidden} | grep -q 'hush hush'`,
      }),
    ]
    expect((await here.run(steps)).verdicts).toEqual(['read: met'])
  })

  it('know what was looked up for those users, until anybody changes something', async () => {
    const here = place()
    const at = (name: string) => join(here.folder, 'theirs', name)
    const hidden = secret('theirs', 'hush hush\n')
    const all = [
      file({ path: at('file'), content: content('right\n'), as: 'nobody' }),
      file({ path: at('secret'), content: hidden, as: 'nobody', mode: '0600' }),
      directory({ path: at('folder'), as: 'nobody', mode: '0700' }),
      symlink({ path: at('link'), target: 'folder', as: 'nobody' }),
      absent({ path: at('gone'), as: 'nobody' }),
    ] as const
    const last = (verdicts: readonly string[]) => verdicts.map((said) => said.replace(/.*: /, ''))
    expect(last((await here.run(all)).verdicts)).toEqual(['changed', 'changed', 'changed', 'changed', 'met'])
    expect(last((await here.run(all)).verdicts)).toEqual(['met', 'met', 'met', 'met', 'met'])
    const breaks = always(sh`printf 'wrong\n' >${at('secret')}; ln -sfn elsewhere ${at('link')}; : >${at('gone')}`, {
      name: 'breaks',
      because: 'a test wants it',
    })
    const [first, ...others] = all
    const { verdicts } = await here.run([first, breaks, ...others])
    expect(last(verdicts)).toEqual(['met', 'changed', 'changed', 'met', 'changed', 'changed'])
    chmodSync(at('folder'), 0o755)
    writeFileSync(at('file'), 'wrong\n')
    expect(last((await here.run(all)).verdicts)).toEqual(['changed', 'met', 'changed', 'met', 'met'])
  })

  it('end when they hang, and the next one is done by a shell that still answers', async () => {
    const here = place()
    const steps = [
      step({ name: 'hung', title: 'hung', as: 'nobody', check: sh`sleep 1000`, timeouts: { check: 1 } }),
      step({ name: 'next', title: 'next', as: 'nobody', check: sh`true` }),
    ]
    expect((await here.run(steps, { mode: 'dry-run' })).verdicts).toEqual(['hung: unknown', 'next: met'])
  })

  it('fail with the name of a user who does not exist', async () => {
    const { events } = await place().run([step({ name: 's', title: 's', as: 'no-such-user', check: sh`true` })])
    expect(events.find((event) => event.type === 'step.finished')).toMatchObject({
      verdict: 'unknown',
      output: 'user "no-such-user" does not exist',
    })
  })

  it('are looked at by root in a dry run while the user does not exist yet', async () => {
    const { verdicts } = await place().run(
      [step({ name: 's', title: 's', as: 'no-such-user', check: sh`false`, apply: sh`true` })],
      { mode: 'dry-run' },
    )
    expect(verdicts).toEqual(['s: would change'])
  })
})
