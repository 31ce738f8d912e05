import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { place } from '../../src/init/place.ts'
import { projectOf } from '../cli/command-line.ts'

const fine = async () => undefined
const drafts = [
  { path: 'config', text: 'new' },
  { path: 'below/task', text: 'new', mode: 0o600 },
]

it('puts all files into their places, with their modes, and leaves nothing beside them', async () => {
  const root = projectOf({})
  await place(root, drafts, async (folder) => {
    expect(readFileSync(path.join(folder, 'below/task'), 'utf8')).toBe('new')
    expect(existsSync(path.join(root, 'config'))).toBe(false)
  })
  expect(readdirSync(root)).toEqual(['below', 'config'])
  expect(lstatSync(path.join(root, 'below/task')).mode & 0o777).toBe(0o600)
})

it('puts none where they are not right', async () => {
  const root = projectOf({})
  const wrong = place(root, drafts, () => Promise.reject(new Error('no config')))
  await expect(wrong).rejects.toThrow('no config')
  expect(readdirSync(root)).toEqual([])
})

it('takes back what it has put, and gives back what it has replaced, where a later file cannot be put', async () => {
  const root = projectOf({ config: 'old', 'last/task': 'in the way' })
  const all = [
    { path: 'config', text: 'new', replaces: true },
    { path: 'below/task', text: 'new' },
    { path: 'last/task', text: 'new' },
  ]
  await expect(place(root, all, fine)).rejects.toMatchObject({
    code: 'failed',
    message: `Cannot write "${root}/last/task", because something is in its place; nothing was written.`,
  })
  expect(readdirSync(root)).toEqual(['config', 'last'])
  expect([readFileSync(path.join(root, 'config'), 'utf8'), readFileSync(path.join(root, 'last/task'), 'utf8')]).toEqual(
    ['old', 'in the way'],
  )
})

it('does not write through a file that stands where a folder should', async () => {
  const root = projectOf({ below: 'a file' })
  await expect(place(root, drafts, fine)).rejects.toMatchObject({
    message: expect.stringMatching(/^Cannot write ".*\/below\/task", because .*; nothing was written\.$/),
  })
  expect(readdirSync(root)).toEqual(['below'])
})

it('replaces a link by a file, and leaves alone what it leads to', async () => {
  const root = projectOf({ other: 'theirs' })
  symlinkSync('other', path.join(root, 'config'))
  await place(root, [{ path: 'config', text: 'new', replaces: true }], fine)
  expect([readFileSync(path.join(root, 'config'), 'utf8'), readFileSync(path.join(root, 'other'), 'utf8')]).toEqual([
    'new',
    'theirs',
  ])
})
