import { describe, expect, it } from 'vitest'
import { docs } from '../../src/cli/docs-action.ts'
import { configReference } from '../../src/config/reference.ts'
import { projectOf, tasks } from './command-line.ts'

describe('tasks docs', () => {
  it('prints every key of the config with what it means', () => {
    const { out = '' } = docs(undefined)
    expect(out).toMatch(/^# The config\n/)
    for (const { name, keys } of configReference()) {
      expect(out).toContain(`\n## ${name}\n`)
      for (const key of keys)
        expect(out).toMatch(new RegExp(`^- \`${name}\\.(NAME\\.)?${key.name}\` \\(.+\\)\n {2}\\S`, 'm'))
    }
  })

  it.each(['app.healthPath', 'healthPath', 'HEALTHPATH'])('prints one key alone: %s', (word) => {
    expect(docs(word).out).toBe(`## app

How the application is made.

- \`app.healthPath\` (text, default \`"/"\`)
  The path that is asked for before a release may serve.
`)
  })

  it.each([
    ['hosts', 'hosts', 11],
    ['hosts.web1.port', 'hosts', 1],
    ['sites["example.com"].host', 'sites', 1],
    ['firewall', 'provision', 1],
    ['jump hosts', 'hosts', 1],
  ])('finds %s', (word, section, count) => {
    const { out = '' } = docs(word)
    expect([out.match(/^## .*$/gm), out.match(/^- `/gm)?.length]).toEqual([[`## ${section}`], count])
  })

  it('is read without a project, and says what was meant', async () => {
    const cwd = projectOf({ 'tasks.config.json': 'broken', 'tasks/broken.mjs': 'throw 1' })
    expect(await tasks(['docs', 'app.healtPath'], { cwd })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'Cannot find "app.healtPath" in the config\'s reference.\nhint: did you mean "app.healthPath"?\n',
    })
    expect((await tasks(['docs', 'wibble'], { cwd })).stderr).toBe(
      'Cannot find "wibble" in the config\'s reference.\nhint: run: tasks docs\n',
    )
    expect((await tasks(['docs'], { cwd })).exitCode).toBe(0)
  })
})
