import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTasksError } from '../../src/core/errors.ts'
import { connectSsh, parseTarget } from '../../src/transport/ssh.ts'

describe('a host as a person writes it', () => {
  it.each([
    ['web1', { host: 'web1' }],
    ['elspeth@web1', { host: 'web1', user: 'elspeth' }],
    ['elspeth@203.0.113.7:2222', { host: '203.0.113.7', user: 'elspeth', port: 2222 }],
    ['2001:db8::7', { host: '2001:db8::7' }],
    ['elspeth@[2001:db8::7]:2222', { host: '2001:db8::7', user: 'elspeth', port: 2222 }],
    ['[2001:db8::7]', { host: '2001:db8::7' }],
    ['ssh://elspeth@web1:2222/', { host: 'web1', user: 'elspeth', port: 2222 }],
    ['someone@example.com@web1', { host: 'web1', user: 'someone@example.com' }],
    ['bücher.example', { host: 'bücher.example' }],
  ])('%s', (text, target) => {
    expect(parseTarget(text)).toEqual(target)
  })

  it.each([
    ['', 'Cannot use "" as a host: that cannot be the name of a host.'],
    ['-oProxyCommand=x', 'Cannot use "-oProxyCommand=x" as a host: that cannot be the name of a host.'],
    ['web1 web2', 'Cannot use "web1 web2" as a host: that cannot be the name of a host.'],
    ['$(id)', 'Cannot use "$(id)" as a host: that cannot be the name of a host.'],
    ['a\nb', 'Cannot use "a\\nb" as a host: that cannot be the name of a host.'],
    ['-lroot@web1', 'Cannot use "-lroot@web1" as a host: that cannot be the name of a user.'],
    ['`id`@web1', 'Cannot use "`id`@web1" as a host: that cannot be the name of a user.'],
    ['web1:0', 'Cannot use "web1:0" as a host: a port is a number from 1 to 65535.'],
    ['web1:65536', 'Cannot use "web1:65536" as a host: a port is a number from 1 to 65535.'],
    ['web1:ssh', 'Cannot use "web1:ssh" as a host: a port is a number from 1 to 65535.'],
  ])('%j is refused', (text, message) => {
    expect(() => parseTarget(text)).toThrow(message)
  })

  it('is refused before any process could see it', async () => {
    await expect(connectSsh({ host: '-oProxyCommand=touch /tmp/x' })).rejects.toMatchObject({
      code: 'usage',
      hint: 'write it as name, user@name or user@address:port',
    })
    await expect(connectSsh({ host: 'web1', user: '$(id)' })).rejects.toMatchObject({ code: 'usage' })
  })

  it('is either refused, or free of everything that a shell would read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        try {
          const { host, user = '' } = parseTarget(text)
          expect(`${host}${user}`).not.toMatch(/['"`$\\;&<>|(){}\s]/)
          expect(host.startsWith('-') || user.startsWith('-')).toBe(false)
        } catch (error) {
          expect(isTasksError(error)).toBe(true)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
