import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { committedFiles, filesBelow, folderFiles, givenFiles } from '../../src/recipes/project-files.ts'
import { entriesOf } from '../../src/source/tree.ts'
import { commitFiles, type Kind, kinds, makeKind } from '../kinds/index.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tasks-files-'))
  await makeKind(kinds[0] as Kind, folder)
})
afterAll(() => rm(folder, { recursive: true }))

test('a commit is read as it is, whatever the work tree holds', async () => {
  const odd = 'folder/ein "Täst"\twith\nall.txt'
  await symlink('manage.py', join(folder, 'link.py'))
  execFileSync('git', ['add', 'link.py'], { cwd: folder })
  await commitFiles(folder, { [odd]: 'Grüße\n\n', 'empty.py': '', 'large.txt': 'x'.repeat(300_000) }, 'Odd files')
  await writeFile(join(folder, 'empty.py'), 'changed')
  await writeFile(join(folder, 'new.py'), '')
  const files = await filesOf('HEAD')
  expect(files.read(odd)).toBe('Grüße\n\n')
  expect(files.read('empty.py')).toBe('')
  expect(files.list()).toContain('large.txt')
  expect(files.read('large.txt')).toBeUndefined()
  for (const absent of ['link.py', 'new.py']) expect(files.list()).not.toContain(absent)
  expect((await filesOf('HEAD~1')).list()).toEqual(Object.keys(kinds[0]?.files ?? {}).sort())
})

test('a commit that is not there is told, with what git says', async () => {
  await expect(filesOf('no-such-branch')).rejects.toMatchObject({
    code: 'config',
    message: `Cannot read the commit to deploy from "${folder}", because git says: Not a valid object name no-such-branch.`,
    hint: "run the deploy in the project's git repository, after a first commit",
  })
})

test('a folder is read as it is now, without what git keeps', async () => {
  await writeFile(join(folder, 'uncommitted.py'), 'X = 1\n')
  const files = await folderFiles(folder)
  expect(files.read('uncommitted.py')).toBe('X = 1\n')
  expect(files.read('mysite/wsgi.py')).toContain('get_wsgi_application')
  expect(files.list().filter((path) => path.startsWith('.git/'))).toEqual([])
})

test('the files below a folder are seen as if it were the root', () => {
  const files = filesBelow(givenFiles({ 'web/manage.py': 'here', 'website.py': '', 'manage.py': 'above' }), './web/')
  expect(files.list()).toEqual(['manage.py'])
  expect(files.read('manage.py')).toBe('here')
})

async function filesOf(commit: string) {
  return await committedFiles(folder, await entriesOf(folder, commit))
}
