import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

const script = join(import.meta.dirname, '../../../src/recipes/django/copy_databases.py')

/** A site's `database` folder, and a project whose databases are there and elsewhere. */
function site(names: readonly string[] = ['db.sqlite3']) {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-databases-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const place = join(folder, 'database')
  mkdirSync(place)
  const databases = Object.fromEntries(names.map((name) => [name, { path: join(place, name) }]))
  const facts = join(folder, 'facts.json')
  writeFileSync(facts, JSON.stringify({ databases: { ...databases, server: { path: null } } }))
  return {
    sql: (name: string, text: string) =>
      python(`
import sqlite3
db = sqlite3.connect(${JSON.stringify(join(place, name))})
for row in db.execute(${JSON.stringify(text)}): print(*row)
db.commit()`),
    copy: (release: number) => execFileSync('python3', [script, facts, place, String(release)]).toString(),
    files: () => readdirSync(place).sort(),
    place,
  }
}

function python(text: string): string {
  return execFileSync('python3', ['-c', text]).toString()
}

it('copies each SQLite database that holds anything, for its owner alone', () => {
  const { sql, copy, files, place } = site(['db.sqlite3', 'other.db', 'missing.db', 'empty.db'])
  writeFileSync(join(place, 'empty.db'), '')
  sql('db.sqlite3', 'create table t as select 1')
  sql('other.db', 'create table t as select 2')
  expect(copy(8)).toBe(`copied: ${place}/db.sqlite3.before-release-8\ncopied: ${place}/other.db.before-release-8\n`)
  expect(files()).toEqual([
    'db.sqlite3',
    'db.sqlite3.before-release-8',
    'empty.db',
    'other.db',
    'other.db.before-release-8',
  ])
  expect(sql('other.db.before-release-8', 'select * from t')).toBe('2\n')
  expect((statSync(join(place, 'other.db.before-release-8')).mode & 0o777).toString(8)).toBe('600')
})

it('keeps the newest copy alone, and the first one where the same release is tried again and again', () => {
  const { sql, copy, files } = site()
  sql('db.sqlite3', 'create table t as select 1 as n')
  copy(7)
  for (const n of [2, 3, 4]) {
    sql('db.sqlite3', `update t set n = ${n}`)
    copy(8)
  }
  expect(files()).toEqual(['db.sqlite3', 'db.sqlite3.before-release-8', 'db.sqlite3.before-release-8.first'])
  expect(sql('db.sqlite3.before-release-8.first', 'select n from t')).toBe('2\n')
  expect(sql('db.sqlite3.before-release-8', 'select n from t')).toBe('4\n')
  copy(9)
  expect(files()).toEqual(['db.sqlite3', 'db.sqlite3.before-release-9'])
})

it('has what was written to a log that is not yet in the file', () => {
  const { sql, copy, place } = site()
  sql('db.sqlite3', 'pragma journal_mode = wal')
  const writer = `
import sqlite3, subprocess, sys
db = sqlite3.connect(${JSON.stringify(join(place, 'db.sqlite3'))})
db.execute("create table t as select 5 as n")
db.commit()
subprocess.run(["python3", *sys.argv[1:]], check=True)`
  copy(1)
  execFileSync('python3', ['-c', writer, script, join(place, '../facts.json'), place, '2'])
  expect(sql('db.sqlite3.before-release-2', 'select n from t')).toBe('5\n')
})

it('says why it made no copy, and leaves none that is half', () => {
  const { copy, files, place } = site()
  writeFileSync(join(place, 'db.sqlite3'), 'this is no database, though long enough to look like one'.repeat(100))
  expect(copy(3)).toBe(`not copied: ${place}/db.sqlite3: file is not a database\n`)
  expect(files()).toEqual(['db.sqlite3'])
})
