import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ReportFlags, reportOn } from '../../src/cli/report-action.ts'
import { deployed, failed } from '../render/events.ts'
import { program, projectOf, tasks } from './command-line.ts'

const lines = (events: readonly unknown[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('')

/** What goes to standard error. */
async function said(cwd: string, flags: ReportFlags, run?: string): Promise<string | undefined> {
  return (await reportOn(run, flags)).err?.replaceAll(cwd, '/project')
}

describe('tasks report, from lines of --json', () => {
  it('writes a page, for its owner alone, and replaces the one before; a failed run is no failure of the report', async () => {
    const cwd = projectOf({ 'run.json': lines(failed), 'run.html': 'the one before' })
    const ended = await tasks(['report', '--from', 'run.json', '--html', 'run.html'], { cwd })
    expect(ended).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    expect(readFileSync(path.join(cwd, 'run.html'), 'utf8')).toMatch(
      /^<!doctype html>[\s\S]*because lists\.0003_unique/,
    )
    expect(statSync(path.join(cwd, 'run.html')).mode & 0o777).toBe(0o600)
    expect(readdirSync(cwd).filter((name) => name.includes('.html'))).toEqual(['run.html'])
  })

  it('reads standard input, and prints the page of the run that was named', async () => {
    const cwd = projectOf({})
    const input = lines(failed) + lines(deployed.map((event) => ('run' in event ? { ...event, run: 'r2' } : event)))
    const words = ['report', 'r1', '--from', '-', '--html', '-']
    const env = { ...process.env, TASKS_DEV: '1', HOME: cwd }
    const { stdout, status } = spawnSync(process.execPath, [program, ...words], { cwd, env, input, encoding: 'utf8' })
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/<title>Failed: provision|<title>Failed: deploy on web1/),
    ])
  })

  it('tells the run in a few lines where no page is wanted', async () => {
    const cwd = projectOf({ 'run.json': `\ufeff${lines(failed)}\n{"type":"moon.rose"}\n` })
    expect(await tasks(['report', '--from', 'run.json'], { cwd })).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: `deploy on web1, 2026-11-22 10:00:00 UTC (run r1)
  web1  deploy  1 changed, 1 failed, <0.1 s
  web1  verify  1 not reached
✖ Cannot migrate "staging.example.com", because lists.0003_unique breaks a constraint.
  web1 › deploy › migrations are applied
  | Applying lists.0003_unique...
  | IntegrityError: UNIQUE constraint failed
  → remove the double rows, then run: tasks deploy --site staging.example.com
Failed: 1 changed, 1 failed, 1 not reached (41 s).
`,
    })
  })

  it('says which line is none, and writes nothing', async () => {
    const files = {
      'cut.json': lines(deployed).slice(0, -40),
      'mixed.json': `${lines(deployed.slice(0, 3))}\nwarning: \u001b[31mred\n`,
      'endless.json': `${lines(deployed.slice(0, 2))}"${'x'.repeat(5_000_000)}`,
    }
    const cwd = projectOf(files)
    const of = (file: string) => said(cwd, { from: path.join(cwd, file), html: path.join(cwd, 'run.html') })
    const line = (number: number, file: string, because: string) =>
      `Cannot read line ${number} of "/project/${file}", because ${because}.
hint: give the lines that tasks prints with --json, and nothing else
`
    expect(await of('cut.json')).toBe(line(deployed.length, 'cut.json', 'it is not an event of a run'))
    expect(await of('mixed.json')).toBe(line(5, 'mixed.json', 'it is not an event of a run'))
    expect(await of('endless.json')).toBe(line(3, 'endless.json', 'it does not end'))
    expect(readdirSync(cwd).sort()).toEqual(Object.keys(files).sort())
  })

  it('says where there is no such file, and no such run', async () => {
    const cwd = projectOf({ 'empty.json': '', 'run.json': lines(failed) })
    const of = (file: string, run?: string) => said(cwd, { from: path.join(cwd, file) }, run)
    const notRead = 'hint: name a file of lines that tasks printed with --json\n'
    const noRun = 'hint: give all lines that tasks prints with --json\n'
    expect(await of('none.json')).toBe(`Cannot read "/project/none.json", because there is no such file.\n${notRead}`)
    expect(await of('')).toBe(`Cannot read "/project", because it is a folder.\n${notRead}`)
    expect(await of('empty.json')).toBe(
      `Cannot report on "/project/empty.json", because no run begins in it.\n${noRun}`,
    )
    expect(await of('run.json', 'r7')).toBe(
      `Cannot report on "/project/run.json", because no run "r7" begins in it.\n${noRun}`,
    )
  })
})

describe('the file of a report', () => {
  it('is refused before any host is asked, where it cannot be one', async () => {
    const cwd = projectOf({ 'kept.txt': 'kept' })
    mkdirSync(path.join(cwd, 'folder'))
    symlinkSync('kept.txt', path.join(cwd, 'link.html'))
    const to = (file: string) => said(cwd, { host: 'me@127.0.0.1:1', html: file && path.join(cwd, file) })
    const another = 'hint: name a file that is not there yet\n'
    expect(await to('none/run.html')).toBe(
      `Cannot write the report to "/project/none/run.html", because there is no folder "/project/none".
hint: make the folder, or name another one
`,
    )
    for (const file of ['folder', 'link.html'])
      expect(await to(file)).toBe(
        `Cannot write the report to "/project/${file}", because it is no regular file.\n${another}`,
      )
    expect(await to('')).toBe(`Cannot write the report to "", because it is no regular file.\n${another}`)
    expect(readFileSync(path.join(cwd, 'kept.txt'), 'utf8')).toBe('kept')
  })

  it('is not made where the run cannot be heard', async () => {
    const cwd = projectOf({})
    const { exitCode, stderr } = await tasks(['report', '--host', 'me@127.0.0.1:1', '--html', 'run.html'], { cwd })
    expect([exitCode, stderr]).toEqual([
      4,
      expect.stringContaining('Cannot reach "127.0.0.1:1": nothing listens on that port.'),
    ])
    expect(readdirSync(cwd).filter((name) => name.includes('html'))).toEqual([])
  })
})

describe('tasks report', () => {
  it('looks at one host, and takes either a host or lines', async () => {
    const hosts = { one: { address: '127.0.0.1', port: 1 }, two: { address: '127.0.0.1', port: 1 } }
    const cwd = projectOf({ 'tasks.config.json': JSON.stringify({ hosts }) })
    writeFileSync(path.join(cwd, 'run.json'), lines(failed))
    expect(await tasks(['report'], { cwd })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `Cannot report, because the config has 2 hosts, and a run is followed on one.
hint: add --host with one of: one, two
`,
    })
    const both = await tasks(['report', '--host', 'one', '--from', 'run.json'], { cwd })
    expect([both.exitCode, both.stderr]).toEqual([2, expect.stringContaining('--from')])
  })
})
