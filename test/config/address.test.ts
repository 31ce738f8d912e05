import { describe, expect, it } from 'vitest'
import { parseAddress } from '../../src/config/address.ts'

describe('parseAddress', () => {
  it.each([
    ['203.0.113.7', { address: '203.0.113.7' }],
    ['elspeth@203.0.113.7', { user: 'elspeth', address: '203.0.113.7' }],
    ['elspeth@web1.example.com:2222', { user: 'elspeth', address: 'web1.example.com', port: 2222 }],
    ['2001:db8::7', { address: '2001:db8::7' }],
    ['root@2001:db8::7', { user: 'root', address: '2001:db8::7' }],
    ['[2001:db8::7]', { address: '2001:db8::7' }],
    ['root@[2001:db8::7]:2222', { user: 'root', address: '2001:db8::7', port: 2222 }],
    ['web1', { address: 'web1' }],
  ])('reads %j', (text, address) => {
    expect(parseAddress(text)).toEqual(address)
  })

  it.each([
    ['', 'it is empty'],
    ['root@', 'it is empty'],
    ['-oProxyCommand=id', 'it begins with a hyphen'],
    ['root@-x', 'it begins with a hyphen'],
    ['web1:0', 'its port is not a number from 1 to 65535'],
    ['web1:99999', 'its port is not a number from 1 to 65535'],
    ['web1:', 'its port is not a number from 1 to 65535'],
    ['web1:ssh', 'its port is not a number from 1 to 65535'],
    ['[2001:db8::7', 'it contains "["'],
    ['a b', 'it contains a space'],
  ])('refuses %j', (text, problem) => {
    expect(() => parseAddress(text)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: `Cannot use ${JSON.stringify(text)} as a host, because ${problem}.`,
        hint: 'write it as user@address:port, with brackets around an IPv6 address',
      }),
    )
  })
})
