import assert from 'node:assert/strict'
import test from 'node:test'
import { isIdempotent, scriptedHost, shellHost } from 'tasks-ssh/testing'
import { backup, editor } from './tasks.ts'

test('backup keeps what the database says to itself', async () => {
  const host = scriptedHost({
    commands: [
      ['pg_dump shop', 'CREATE TABLE orders;\n'],
      [/^find \/var\/backups /, ''],
    ],
  })
  const { returned } = await host.run(backup, { params: { keep: 3 } })
  assert.equal(returned, 21)
  assert.deepEqual(host.put, [
    { target: '/var/backups/shop.sql', text: 'CREATE TABLE orders;\n', as: 'root', mode: '0600' },
  ])
  assert.equal(host.ran[1]?.command, "find /var/backups -name 'shop*' -mtime +3 -delete")
})

test('backup fails with the database', async () => {
  const host = scriptedHost({ commands: [['pg_dump shop', { stderr: 'no such database\n', exitCode: 1 }]] })
  await assert.rejects(host.run(backup), { message: 'The command "pg_dump shop" on "test" ended with exit code 1.' })
  assert.deepEqual(host.put, [])
})

test('editor adds a line to what is there, once', async () => {
  const host = await shellHost({ files: { '.profile': '# mine\n' } })
  assert.deepEqual((await host.run(editor)).verdicts, { editor: 'changed' })
  assert.equal(await host.read('.profile'), '# mine\nexport EDITOR=vim\n')
  await host.remove()
  assert.ok(await isIdempotent(editor))
})
