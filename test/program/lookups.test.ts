import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { content } from '../../src/core/data.ts'
import { joinShell, rawShell, type Shell, sh, shellText } from '../../src/core/sh.ts'
import { always, step } from '../../src/core/step.ts'
import { compile } from '../../src/program/compile.ts'
import { absent, directory, file, packages, service, symlink } from '../../src/steps/index.ts'
import { machine, shells } from './harness.ts'

const right = content('right\n')

describe.each(shells)('files that are looked up together, in %s,', (shell) => {
  function placed() {
    const here = machine(shell)
    const paths = ['one', 'two'].map((name) => join(here.folder, name))
    for (const path of paths) writeFileSync(path, 'right\n', { mode: 0o644 })
    const [one = '', two = ''] = paths
    return { here, two, both: [file({ path: one, content: right }), file({ path: two, content: right })] as const }
  }

  it('are met while they are as they should be', async () => {
    const { here, both } = placed()
    const { verdicts } = await here.run(both)
    expect(verdicts.map((said) => said.split(': ')[1])).toEqual(['met', 'met'])
  })

  it('are not taken for what they were before a step was applied', async () => {
    const { here, two, both } = placed()
    const breaks = always(sh`printf 'wrong\n' >${two}`, { name: 'breaks', because: 'a test wants it' })
    const { verdicts } = await here.run([both[0], breaks, both[1]])
    expect(verdicts).toEqual([`${both[0].name}: met`, 'breaks: changed', `${both[1].name}: changed`])
    expect(readFileSync(two, 'utf8')).toBe('right\n')
  })

  it('are not taken for what they were before a lock was had, whose last holder may have changed them', async () => {
    const { here, two, both } = placed()
    const other = step({ name: 'other', title: 'what another run does meanwhile', check: sh`printf 'wrong\n' >${two}` })
    const { verdicts } = await here.run([
      { task: 'first', summary: '', lock: 'host', steps: [both[0], other] },
      { task: 'second', summary: '', lock: 'site-x', steps: [both[1]] },
    ])
    expect(verdicts).toEqual([`${both[0].name}: met`, 'other: met', `${both[1].name}: changed`])
  })

  it('are no folders, though mode and owner be those of one', async () => {
    const here = machine(shell)
    const path = join(here.folder, 'place')
    const folder = directory({ path, mode: '0755' })
    writeFileSync(path, '', { mode: 0o755 })
    expect((await here.run([folder], { mode: 'dry-run' })).verdicts).toEqual([`${folder.name}: would change`])
    unlinkSync(path)
    mkdirSync(path, { mode: 0o755 })
    expect((await here.run([folder], { mode: 'dry-run' })).verdicts).toEqual([`${folder.name}: met`])
  })

  it('are not what the target of a link says of them', async () => {
    const { here, two, both } = placed()
    chmodSync(two, 0o600)
    const link = join(here.folder, 'link')
    const linked = symlink({ path: link, target: 'one' })
    for (const target of [`regular file 644 root root ${two}`, `one\nregular file 644 root root ${two}`, 'one\n']) {
      symlinkSync(target, link)
      const { verdicts } = await here.run([...both, linked], { mode: 'dry-run' })
      expect(verdicts.map((said) => said.replace(/.*: /, ''))).toEqual(['met', 'would change', 'would change'])
      unlinkSync(link)
    }
    symlinkSync('one', link)
    expect((await here.run([linked])).verdicts).toEqual([`${linked.name}: met`])
  })

  it('are told apart by their modes, and one that nobody can read to its end holds up nothing', async () => {
    const { here, two, both } = placed()
    chmodSync(two, 0o600)
    const pipe = join(here.folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const { verdicts } = await here.run([...both, file({ path: pipe, content: right })])
    expect(verdicts.map((said) => said.split(': ')[1])).toEqual(['met', 'changed', 'changed'])
  })
})

const lookups = readFileSync(new URL('../../src/program/runtime/lookups.sh', import.meta.url), 'utf8')

describe.each(shells)('a check that is done without a shell of its own, in %s,', (shell) => {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-known-'))
  const at = (name: string) => join(folder, name)
  writeFileSync(at('file'), 'right\n', { mode: 0o644 })
  mkdirSync(at('folder'), { mode: 0o755 })
  symlinkSync('file', at('link'))
  const held = [
    packages(['git']),
    service({ unit: 'x.service', enabled: true, running: true }),
    file({ path: at('file'), content: right }),
    directory({ path: at('folder') }),
    symlink({ path: at('link'), target: 'file' }),
    absent({ path: at('gone') }),
  ] as const

  it.each(held.map((one) => [one.name.replace(/ .*/, ''), one] as const))(
    'of %s, says no without what was looked up, and neither looks, prints nor leaves anything',
    (_, { check, uses }) => {
      expect(check?.isFromLookups).toBe(true)
      const text = [
        rawShell(`${lookups}\nPACKAGES='' UNITS='' ONLY_KNOWN=1 NL='\n'\nPATH=/nonexistent`),
        ...uses,
        rawShell('before=$(set +o; umask; pwd)'),
        sh`if ${check as Shell}; then printf 'it said yes\n'; fi`,
        rawShell('[ "$before" = "$(set +o; umask; pwd)" ] || printf "it left something\n"; printf "the end\n"'),
      ]
      const words = shell === 'busybox' ? ['busybox', 'ash'] : [shell]
      const script = `{ ${shellText(joinShell(text))}\n} 2>&1`
      const [command = '', ...rest] = words
      expect(execFileSync(command, [...rest, '-c', script], { env: { ...process.env, DATA: folder } }).toString()).toBe(
        'the end\n',
      )
    },
  )

  it('is none that a project wrote, nor one that it put in the place of ours', () => {
    const wild = { ...held[2], check: sh`cd /; exit 0` }
    const { text } = compile([{ task: 'test', summary: '', steps: [held[3], wild] }], {
      host: 'here',
      loginUser: 'me',
      style: 'wire',
    })
    expect(text.match(/^ {2}step .*/gm)).toEqual([
      expect.stringContaining(`'check known apply files'`),
      expect.stringContaining(`'check apply preview files'`),
    ])
  })
})
