import { describe, expect, it } from 'vitest'
import {
  addressProblem,
  aliasProblem,
  labelProblem,
  longestSiteName,
  normalSiteName,
  siteNameProblem,
  userProblem,
} from '../../src/config/names.ts'

describe('siteNameProblem', () => {
  it.each([
    'example.com',
    'EXAMPLE.com',
    'a-b.example',
    'münchen.example',
    '例え.example',
    'xn--mnchen-3ya.example',
    'localhost',
    '1password.com',
  ])('lets a site be named %j', (name) => {
    expect(siteNameProblem(name)).toBeUndefined()
  })

  it.each([
    ['', 'it is empty'],
    ['a b', 'it contains a space'],
    ['a/b', 'it contains "/"'],
    ['../etc', 'it contains "/"'],
    ['a_b.example', 'it contains "_"'],
    ['$(id).example', 'it contains "$"'],
    ["a'b", `it contains "'"`],
    ['a"b', `it contains '"'`],
    ['a\nb', 'it contains the character U+000A'],
    ['a\u202eb', 'it contains the character U+202E'],
    ['-rf.example', 'its part "-rf" begins or ends with a hyphen'],
    ['rf-.example', 'its part "rf-" begins or ends with a hyphen'],
    ['a..b', 'a part of it is empty'],
    ['..', 'a part of it is empty'],
    ['example.com.', 'a part of it is empty'],
    ['203.0.113.7', 'it is an address, and a site is named by its domain'],
    ['2001:db8::7', 'it is an address, and a site is named by its domain'],
    ['203.0.113', 'it ends in a number, as an address does'],
    [`${'a'.repeat(64)}.example`, `its part "${'a'.repeat(64)}" is longer than 63 characters`],
    [
      `${'a'.repeat(50)}.${'b'.repeat(33)}`,
      'it is 84 characters long, and the path of its unix socket leaves room for 79',
    ],
  ])('refuses %j', (name, problem) => {
    expect(siteNameProblem(name)).toBe(problem)
  })

  it('leaves room for the socket path that nginx connects to', () => {
    const path = `/var/lib/tasks/sockets/${'a'.repeat(longestSiteName)}.sock`
    expect(path.length).toBe(107)
  })

  it('measures an international name as DNS writes it', () => {
    const name = `${'ü'.repeat(30)}.${'ü'.repeat(30)}.example`
    expect(siteNameProblem(name)).toMatch(/^it is \d+ characters long/)
  })
})

describe('normalSiteName', () => {
  it.each([
    ['Staging.Example.COM', 'staging.example.com'],
    ['MÜNCHEN.example', 'xn--mnchen-3ya.example'],
  ])('writes %j as DNS does: %j', (name, normal) => {
    expect(normalSiteName(name)).toBe(normal)
  })
})

describe('aliasProblem', () => {
  it('lets an alias be an address', () => {
    expect(['203.0.113.7', '2001:db8::7', 'www.example.com'].map(aliasProblem)).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('refuses what is neither a domain nor an address', () => {
    expect(aliasProblem('*.example.com')).toBe('it contains "*"')
  })
})

describe('userProblem', () => {
  it('takes what adduser takes', () => {
    expect(['elspeth', '_www', 'a', `a${'b'.repeat(31)}`, 'web-1'].map(userProblem)).toEqual(Array(5).fill(undefined))
  })

  it.each(['', 'Elspeth', '1st', '-rf', 'a b', 'a;id', `a${'b'.repeat(32)}`, 'root\n'])('refuses %j', (name) => {
    expect(userProblem(name)).toMatch(/^a user name is up to 32 lower-case letters/)
  })
})

describe('addressProblem', () => {
  it('takes addresses, names, and aliases of ssh_config', () => {
    expect(
      ['203.0.113.7', '2001:db8::7', 'fe80::1%eth0', 'web1', 'my_server', 'web1.example.com'].map(addressProblem),
    ).toEqual(Array(6).fill(undefined))
  })

  it.each([
    ['', 'it is empty'],
    ['-oProxyCommand=id', 'it begins with a hyphen'],
    ['a b', 'it contains a space'],
    ['a\u0000', 'it contains the character U+0000'],
    ['$(id)', 'it contains "$"'],
    ['a@b', 'it contains "@"'],
  ])('refuses %j', (address, problem) => {
    expect(addressProblem(address)).toBe(problem)
  })
})

describe('labelProblem', () => {
  it.each([
    ['', 'it is empty'],
    ['-x', 'it does not begin with a letter or digit'],
    ['__proto__', 'it does not begin with a letter or digit'],
    ['a:b', 'it contains ":"'],
  ])('refuses %j as the name of a host', (name, problem) => {
    expect(labelProblem(name)).toBe(problem)
  })
})
