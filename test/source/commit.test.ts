import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundleOf, shallowCommits } from '../../src/source/bundle.ts'
import { commitAt, commitOfWorkTree } from '../../src/source/commit.ts'
import { entriesOf, sizeOf, submodulesIn, treeName } from '../../src/source/tree.ts'

describe('a commit', () => {
  it('is found by branch, tag and HEAD, with its subject and what is not in it', async () => {
    const folder = repository()
    git(folder, 'tag', 'v1')
    writeFileSync(join(folder, 'new.txt'), 'new')
    writeFileSync(join(folder, 'a.txt'), 'changed')
    const head = await commitAt(folder, 'HEAD')
    expect(head).toMatchObject({ subject: "It's the $first", ref: 'HEAD', uncommitted: ['a.txt', 'new.txt'] })
    expect((await commitAt(folder, 'v1')).id).toBe(head.id)
    expect((await commitAt(folder, 'main')).id).toBe(head.id)
  })

  it.each([
    ['nowhere', 'Cannot deploy "nowhere", because the repository has no such branch, tag or commit.'],
    ['--all', 'Cannot deploy "--all", because the repository has no such branch, tag or commit.'],
  ])('that is not there is refused by name: %s', async (ref, message) => {
    await expect(commitAt(repository(), ref)).rejects.toThrow(message)
  })

  it('is asked for where there is none yet, and where there is no repository', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'tasks-git-'))
    await expect(commitAt(empty, 'HEAD')).rejects.toThrow(
      `Cannot deploy "${empty}", because it is in no git repository, and a release is made from a commit.`,
    )
    git(empty, 'init', '-q')
    await expect(commitAt(empty, 'HEAD')).rejects.toThrow(
      'Cannot deploy "HEAD", because the repository has no commit yet.',
    )
  })

  it('of the work tree leaves index, branches and stash as they are, and is the same when nothing changed', async () => {
    const folder = repository()
    writeFileSync(join(folder, '.gitignore'), 'secret.txt\n')
    writeFileSync(join(folder, 'secret.txt'), 'secret')
    writeFileSync(join(folder, 'a.txt'), 'changed')
    writeFileSync(join(folder, 'b.txt'), 'staged')
    git(folder, 'add', 'b.txt')
    writeFileSync(join(folder, 'b.txt'), 'and changed again')
    const before = [git(folder, 'status', '--porcelain'), git(folder, 'show-ref'), git(folder, 'diff', '--cached')]
    const commit = await commitOfWorkTree(folder)
    expect([git(folder, 'status', '--porcelain'), git(folder, 'show-ref'), git(folder, 'diff', '--cached')]).toEqual(
      before,
    )
    expect(git(folder, 'ls-tree', '-r', '--name-only', commit.id)).toBe('.gitignore\na.txt\nb.txt\n')
    expect(git(folder, 'show', `${commit.id}:b.txt`)).toBe('and changed again')
    expect((await commitOfWorkTree(folder)).id).toBe(commit.id)
  })

  it('of a folder inside a repository is that folder', async () => {
    const folder = repository({ 'web/manage.py': '', 'other.txt': '' })
    const commit = await commitAt(join(folder, 'web'), 'HEAD')
    expect(git(folder, 'ls-tree', '--name-only', treeName(commit))).toBe('manage.py\n')
  })

  it('holds entries, of which those of other repositories are known, and what all take on a disk', async () => {
    const folder = repository({ 'web/large.txt': 'x'.repeat(5000), 'web/empty.txt': '', 'other.txt': 'x'.repeat(9000) })
    const id = (await commitAt(folder, 'HEAD')).id
    git(folder, 'update-index', '--add', '--cacheinfo', `160000,${id},web/theirs`)
    git(folder, 'commit', '-qm', 'with a submodule')
    const commit = await commitAt(join(folder, 'web'), 'HEAD')
    const entries = await entriesOf(commit.repository.gitDir, treeName(commit))
    expect(entries.map(({ path, kind, size }) => [path, kind, size])).toEqual([
      ['empty.txt', 'file', 0],
      ['large.txt', 'file', 5000],
      ['theirs', 'submodule', 0],
    ])
    expect(submodulesIn(entries)).toEqual(['theirs'])
    expect(sizeOf(entries)).toEqual({ kib: 16, files: 3 })
  })
})

describe('a bundle', () => {
  it('holds only what the host lacks, and git itself fetches from it', async () => {
    const folder = repository({ 'a.txt': 'x'.repeat(100_000) })
    const first = await commitAt(folder, 'HEAD')
    const host = bare()
    fetch(host, await bundleOf(first, ''), first.id)
    writeFileSync(join(folder, 'b.txt'), 'second')
    git(folder, 'add', '-A')
    git(folder, 'commit', '-qm', 'second')
    const second = await commitAt(folder, 'HEAD')
    const strange = 'f'.repeat(40)
    const thin = await bundleOf(second, `${first.id} ${strange}`)
    expect(thin.length).toBeLessThan(1000)
    fetch(host, thin, second.id)
    expect(git(host, 'show', `${second.id}:b.txt`)).toBe('second')
    expect(git(host, 'log', '--format=%s', second.id)).toBe("second\nIt's the $first\n")
  })

  it('of a shallow clone can be fetched where its missing parents are told', async () => {
    const folder = repository()
    writeFileSync(join(folder, 'a.txt'), 'second')
    git(folder, 'commit', '-qam', 'second')
    const clone = join(mkdtempSync(join(tmpdir(), 'tasks-git-')), 'clone')
    git(folder, 'clone', '-q', '--depth', '1', `file://${folder}`, clone)
    const commit = await commitAt(clone, 'HEAD')
    const shallow = await shallowCommits(commit)
    expect(shallow).toEqual([commit.id])
    const host = bare()
    writeFileSync(join(host, 'shallow'), `${shallow.join('\n')}\n`)
    fetch(host, await bundleOf(commit, ''), commit.id)
    expect(git(host, 'show', `${commit.id}:a.txt`)).toBe('second')
  })
})

function repository(files: Readonly<Record<string, string>> = { 'a.txt': 'a' }): string {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-git-'))
  git(folder, 'init', '-q', '-b', 'main')
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  git(folder, 'add', '-A')
  git(folder, 'commit', '-qm', "It's the $first")
  return folder
}

function bare(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-git-'))
  git(folder, 'init', '-q', '--bare')
  return folder
}

function fetch(host: string, bundle: Uint8Array, id: string): void {
  const file = join(mkdtempSync(join(tmpdir(), 'tasks-git-')), 'bundle')
  writeFileSync(file, bundle)
  expect(readFileSync(file).subarray(0, 15).toString()).toBe('# v2 git bundle')
  git(host, 'fetch', '-q', file, `refs/heads/bundled:refs/incoming/${id}`)
}

function git(folder: string, ...words: readonly string[]): string {
  const identity = ['-c', 'user.name=Edith', '-c', 'user.email=edith@example.com']
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }
  return execFileSync('git', [...identity, ...words], { cwd: folder, env }).toString()
}
