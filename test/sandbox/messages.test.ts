import { afterEach, expect, it, vi } from 'vitest'
import { cacheFolder } from '../../src/sandbox/folders.ts'
import { sandboxDown, sandboxUp } from '../../src/sandbox/index.ts'

afterEach(() => vi.unstubAllEnvs())

it.each(['Web', '9web', 'web_1', '-web', 'web-', '', 'all', 'w'.repeat(41), '../web'])(
  'refuses the host name "%s" before anything is made',
  async (name) => {
    await expect(sandboxUp({ name, debian: 13 })).rejects.toMatchObject({
      code: 'usage',
      message: `Cannot name a sandbox host "${name}", because a name is up to 40 lower-case letters, digits and dashes, from a letter on.`,
    })
  },
)

it('tells how to see the hosts that there are when one is not there', async () => {
  await expect(sandboxDown('nobody-has-this')).rejects.toMatchObject({
    code: 'usage',
    message: 'There is no sandbox host "nobody-has-this".',
    hint: 'tasks sandbox list',
  })
})

it.each(['relative/folder', '/with:colon', '/with,comma', '/with space'])(
  'refuses the cache folder "%s", of which no overlay can be made',
  (folder) => {
    vi.stubEnv('TASKS_SANDBOX_CACHE', folder)
    expect(cacheFolder).toThrow(
      `Cannot keep sandbox hosts in "${folder}", because an overlay takes only an absolute path without colons, commas, quotes and spaces.`,
    )
  },
)

it('keeps its files in the folder that TASKS_SANDBOX_CACHE names', () => {
  vi.stubEnv('TASKS_SANDBOX_CACHE', '/srv/hosts')
  expect(cacheFolder()).toBe('/srv/hosts')
})
