import { chmod, symlink as link, lstat, mkdir, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { content, secret } from '../../src/core/data.ts'
import type { Mode } from '../../src/core/event.ts'
import { sh } from '../../src/core/sh.ts'
import { hostValue, type Step, step } from '../../src/core/step.ts'
import { absent } from '../../src/steps/absent.ts'
import { directory } from '../../src/steps/directory.ts'
import { file } from '../../src/steps/file.ts'
import { lineInFile } from '../../src/steps/line-in-file.ts'
import { besideName } from '../../src/steps/path.ts'
import { symlink } from '../../src/steps/symlink.ts'
import { type Machine, machine, shells } from '../program/harness.ts'

const hostile = [
  'plain',
  "it's",
  'two words',
  '$(touch x)`id`',
  '-rf',
  'a\nb',
  'ä ☃ 𝄞',
  '"quoted"',
  'back\\slash',
  '*?[a]',
  '@home@',
  '#x;y&z|<>',
  'ends\n',
]

const me = userInfo().username

interface Row {
  readonly given: string
  readonly prepare?: (path: string) => Promise<unknown>
  readonly step: (path: string) => Step
  readonly verdict: 'met' | 'changed'
  /** What is looked at afterwards, and what must be seen. */
  readonly look?: (path: string) => Promise<unknown>
  readonly leaves?: unknown
}

const text = content('one\ntwo\n')
const put = (path: string) => file({ path, content: text, as: me })
const mode = async (path: string) => ((await stat(path)).mode & 0o7777).toString(8)

const rows: readonly Row[] = [
  {
    given: 'file: nothing there',
    step: put,
    verdict: 'changed',
    look: async (path) => [await readFile(path, 'utf8'), await mode(path)],
    leaves: ['one\ntwo\n', '644'],
  },
  {
    given: 'file: content, owner and mode already match',
    prepare: (path) => writeFile(path, 'one\ntwo\n', { mode: 0o644 }),
    step: put,
    verdict: 'met',
  },
  {
    given: 'file: other content',
    prepare: (path) => writeFile(path, 'one\n', { mode: 0o644 }),
    step: put,
    verdict: 'changed',
  },
  {
    given: 'file: the same without its last newline',
    prepare: (path) => writeFile(path, 'one\ntwo', { mode: 0o644 }),
    step: put,
    verdict: 'changed',
  },
  {
    given: 'file: another mode',
    prepare: async (path) => {
      await writeFile(path, 'one\ntwo\n')
      await chmod(path, 0o666)
    },
    step: put,
    verdict: 'changed',
  },
  {
    given: 'file: a link to a file that matches',
    prepare: async (path) => {
      await writeFile(`${path}.other`, 'one\ntwo\n', { mode: 0o644 })
      await link(`${path}.other`, path)
    },
    step: put,
    verdict: 'changed',
    look: async (path) => (await lstat(path)).isFile(),
    leaves: true,
  },
  {
    given: 'file: every byte there is',
    step: (path) =>
      file({ path, content: content(Uint8Array.from({ length: 512 }, (_, n) => n % 256)), as: me, mode: '0600' }),
    verdict: 'changed',
    look: async (path) => (await readFile(path)).length,
    leaves: 512,
  },
  { given: 'file: empty', step: (path) => file({ path, content: content(''), as: me }), verdict: 'changed' },
  {
    given: 'file: five megabytes',
    step: (path) => file({ path, content: content('0123456789abcdef'.repeat(327680)), as: me }),
    verdict: 'changed',
    look: async (path) => (await stat(path)).size,
    leaves: 5242880,
  },
  {
    given: 'directory: nothing there, nor above it',
    step: (path) => directory({ path: `${path}/in/it`, as: me, mode: '0700' }),
    verdict: 'changed',
    look: (path) => mode(`${path}/in/it`),
    leaves: '700',
  },
  {
    given: 'directory: there',
    prepare: (path) => mkdir(path, { mode: 0o755 }),
    step: (path) => directory({ path, as: me }),
    verdict: 'met',
  },
  {
    given: 'directory: another mode',
    prepare: (path) => mkdir(path, { mode: 0o700 }),
    step: (path) => directory({ path, as: me }),
    verdict: 'changed',
  },
  {
    given: 'symlink: nothing there',
    step: (path) => symlink({ path, target: 'over/there', as: me }),
    verdict: 'changed',
    look: (path) => readlink(path),
    leaves: 'over/there',
  },
  {
    given: 'symlink: there',
    prepare: (path) => link('over/there', path),
    step: (path) => symlink({ path, target: 'over/there', as: me }),
    verdict: 'met',
  },
  {
    given: 'symlink: to a folder elsewhere',
    prepare: (path) => link('/tmp', path),
    step: (path) => symlink({ path, target: '-n $(x)\n', as: me }),
    verdict: 'changed',
    look: (path) => readlink(path),
    leaves: '-n $(x)\n',
  },
  { given: 'absent: nothing there', step: (path) => absent({ path, as: me }), verdict: 'met' },
  {
    given: 'absent: a dangling link',
    prepare: (path) => link('/nowhere', path),
    step: (path) => absent({ path, as: me }),
    verdict: 'changed',
  },
  {
    given: 'absent: a full folder',
    prepare: (path) => mkdir(`${path}/in/it`, { recursive: true }),
    step: (path) => absent({ path, as: me, recursive: true }),
    verdict: 'changed',
  },
  {
    given: 'line: no file',
    step: (path) => lineInFile({ path, line: 'x = 1', as: me }),
    verdict: 'changed',
    look: (path) => readFile(path, 'utf8'),
    leaves: 'x = 1\n',
  },
  {
    given: 'line: there',
    prepare: (path) => writeFile(path, 'a\nx = 1\nb\n'),
    step: (path) => lineInFile({ path, line: 'x = 1', as: me }),
    verdict: 'met',
  },
  {
    given: 'line: only as a part of another',
    prepare: (path) => writeFile(path, 'xx = 11\n'),
    step: (path) => lineInFile({ path, line: 'x = 1', as: me }),
    verdict: 'changed',
    look: (path) => readFile(path, 'utf8'),
    leaves: 'xx = 11\nx = 1\n',
  },
  {
    given: 'line: lines that match it',
    prepare: (path) => writeFile(path, '#x 0\na\nx 0\n', { mode: 0o600 }),
    step: (path) => lineInFile({ path, line: 'x \\n $(id) & 1', match: '^#?x ', as: me }),
    verdict: 'changed',
    look: async (path) => [await readFile(path, 'utf8'), await mode(path)],
    leaves: ['x \\n $(id) & 1\na\n', '600'],
  },
  {
    given: 'line: there, and another that matches',
    prepare: (path) => writeFile(path, 'x 1\na\nx 0\n'),
    step: (path) => lineInFile({ path, line: 'x 1', match: '^x ', as: me }),
    verdict: 'changed',
    look: (path) => readFile(path, 'utf8'),
    leaves: 'x 1\na\n',
  },
  {
    given: 'line: a file without a last newline',
    prepare: (path) => writeFile(path, 'a'),
    step: (path) => lineInFile({ path, line: '-e b', as: me }),
    verdict: 'changed',
    look: (path) => readFile(path, 'utf8'),
    leaves: 'a\n-e b\n',
  },
]

describe.each(shells)('in %s', (shell) => {
  test.each(rows)(
    '$given: $verdict, as the dry run said, and met when run again',
    async ({ prepare, step: made, verdict, look, leaves }) => {
      const here = machine(shell)
      const path = join(here.folder, 'target')
      await prepare?.(path)
      const wanted = made(path)
      expect(await verdictsOf(here, [wanted], 'dry-run')).toEqual([verdict === 'met' ? 'met' : 'would change'])
      expect(await verdictsOf(here, [wanted])).toEqual([verdict])
      expect(await verdictsOf(here, [wanted])).toEqual(['met'])
      expect(await look?.(path)).toEqual(leaves)
    },
  )

  test('takes any name that a path can have', async () => {
    const here = machine(shell)
    const { folder } = here
    const steps = hostile.flatMap((name, index) => [
      file({ path: `${folder}/${name}`, content: content(`${name}\n`), as: me }),
      directory({ path: `${folder}/d${index}/${name}`, as: me }),
      symlink({ path: `${folder}/d${index}/link`, target: name, as: me }),
      lineInFile({ path: `${folder}/d${index}/lines`, line: name.replaceAll('\n', ' '), as: me }),
    ])
    expect(new Set(await verdictsOf(here, steps))).toEqual(new Set(['changed']))
    expect(new Set(await verdictsOf(here, steps))).toEqual(new Set(['met']))
    for (const [index, name] of hostile.entries()) {
      expect(await readFile(`${folder}/${name}`, 'utf8')).toBe(`${name}\n`)
      expect(await readlink(`${folder}/d${index}/link`)).toBe(name)
      expect(await readFile(`${folder}/d${index}/lines`, 'utf8')).toBe(`${name.replaceAll('\n', ' ')}\n`)
    }
  })

  test('fills host values in, whatever they hold', async () => {
    const here = machine(shell)
    const value = 'a&\\1 "b" $(id) @other@'
    const set = step({ name: 'value', title: 'value', as: me, value: hostValue('home'), check: sh`printf %s ${value}` })
    const filled = file({
      path: `${here.folder}/f`,
      content: content('[@home@@home@]\n@other@ @home\n'),
      fill: [hostValue('home')],
      as: me,
    })
    expect(await verdictsOf(here, [set, filled])).toEqual(['met', 'changed'])
    expect(await readFile(`${here.folder}/f`, 'utf8')).toBe(`[${value}${value}]\n@other@ @home\n`)
    expect(await verdictsOf(here, [set, filled])).toEqual(['met', 'met'])
  })

  test('leaves the old file, and nothing beside it, when the validator refuses the new one', async () => {
    const here = machine(shell)
    const path = join(here.folder, 'in/f')
    await mkdir(join(here.folder, 'in'))
    await writeFile(path, 'old\n', { mode: 0o644 })
    const refused = file({ path, content: content('new\n'), as: me, validate: (fresh) => sh`grep -q old ${fresh}` })
    expect(await verdictsOf(here, [refused])).toEqual(['failed'])
    expect(await readFile(path, 'utf8')).toBe('old\n')
    expect(await readdir(join(here.folder, 'in'))).toEqual(['f'])
  })

  test('writes over what a killed run left beside the file', async () => {
    const here = machine(shell)
    const path = join(here.folder, 'f')
    const left = join(here.folder, besideName(path, 'new'))
    await link('/etc/passwd', left)
    expect(await verdictsOf(here, [put(path)])).toEqual(['changed'])
    await expect(lstat(left)).rejects.toThrow('ENOENT')
  })

  test('shows the difference that a file would make, and of a secret only that there is one', async () => {
    const here = machine(shell)
    const path = join(here.folder, 'f')
    await writeFile(path, 'one\n', { mode: 0o600 })
    const open = await previewsOf(here, put(path))
    expect(open).toContain('@@ -1 +1,2 @@\n one\n+two\n')
    expect(open).toContain(`${path}: 600 ${me}`)
    expect(await readFile(path, 'utf8')).toBe('one\n')
    const hidden = file({ path, content: secret('s', 'hush-hush\n'), as: me })
    expect(await previewsOf(here, hidden)).toContain('content differs (secret)')
    expect(await previewsOf(here, hidden)).not.toContain('hush-hush')
  })

  test('refuses to put a link in the place of a file', async () => {
    const here = machine(shell)
    const path = join(here.folder, 'f')
    await writeFile(path, 'mine\n')
    const { events } = await here.run([symlink({ path, target: 'x', as: me })])
    expect(events.find((event) => event.type === 'step.finished')).toMatchObject({
      verdict: 'failed',
      because: `Cannot link "${path}", because something that is not a symbolic link is in its place.`,
    })
    expect(await readFile(path, 'utf8')).toBe('mine\n')
  })
})

async function verdictsOf(here: Machine, steps: readonly Step[], mode: Mode = 'run'): Promise<readonly string[]> {
  const { events } = await here.run(steps, { mode })
  return events.flatMap((event) => (event.type === 'step.finished' ? event.verdict : []))
}

async function previewsOf(here: Machine, wanted: Step): Promise<string> {
  const { events } = await here.run([wanted], { mode: 'dry-run' })
  return events.flatMap((event) => (event.type === 'step.previewed' ? event.text : [])).join('\n')
}

test('refuses, before anything is sent, what can only be a mistake', () => {
  expect(() => file({ path: 'etc/motd', content: text })).toThrow(
    'Cannot use the path "etc/motd" on a host, because it is not absolute.',
  )
  expect(() => file({ path: '/etc/motd', content: text, mode: '644x' })).toThrow(
    'Cannot use the mode "644x", because it is not octal digits such as 0644.',
  )
  expect(() => absent({ path: '/home', recursive: true })).toThrow(
    'Cannot remove "/home" from a host, because it is the root folder or lies right in it.',
  )
  expect(() => lineInFile({ path: '/etc/motd', line: 'a\nb' })).toThrow(
    'Cannot put a line into "/etc/motd", because it has a line break or NUL in it.',
  )
})
