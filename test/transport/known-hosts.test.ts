import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import {
  fingerprint,
  keyTypeOf,
  knownHostsLine,
  knownName,
  matchesHost,
  parseKnownHosts,
} from '../../src/transport/known-hosts.ts'

const folder = mkdtempSync(join(tmpdir(), 'tasks-known-'))
const file = join(folder, 'known_hosts')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const key = ed25519()
const base64 = key.toString('base64')

describe('a known_hosts file', () => {
  it('gives its keys with the line that each stands on', () => {
    const text = `# a comment\n\nweb1 ssh-ed25519 ${base64} somebody@somewhere\n@revoked web2\tssh-ed25519  ${base64}\n`
    expect(parseKnownHosts(text, 'f')).toEqual([
      { file: 'f', line: 3, hosts: 'web1', isRevoked: false, isAuthority: false, type: 'ssh-ed25519', key },
      { file: 'f', line: 4, hosts: 'web2', isRevoked: true, isAuthority: false, type: 'ssh-ed25519', key },
    ])
  })

  it('tells an authority from a host', () => {
    const [line] = parseKnownHosts(`@cert-authority *.example.com ssh-ed25519 ${base64}`, 'f')
    expect(line).toMatchObject({ hosts: '*.example.com', isAuthority: true, isRevoked: false, key })
  })

  it('keeps nothing of lines that cannot be trusted to mean what they say', () => {
    const lines = [
      `web1 ssh-rsa ${base64}`,
      'web1 ssh-ed25519',
      'web1 ssh-ed25519 %%%%',
      `@unheard-of web1 ssh-ed25519 ${base64}`,
      'web1 1024 35 1234567890',
      `#web1 ssh-ed25519 ${base64}`,
    ]
    expect(parseKnownHosts(lines.join('\n'), 'f')).toEqual([])
  })

  it('reads lines that end in a carriage return', () => {
    expect(parseKnownHosts(`web1 ssh-ed25519 ${base64}\r\n`, 'f')).toHaveLength(1)
  })
})

describe('the hosts of a line', () => {
  it.each([
    ['web1', 'web1', true],
    ['WEB1', 'web1', true],
    ['web1', 'web12', false],
    ['web?', 'web1', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*', '[web1]:2222', true],
    ['[web1]:2222', '[web1]:2222', true],
    ['[web1]:2222', 'web1', false],
    ['*,!web1', 'web1', false],
    ['!web1,*', 'web1', false],
    ['!web1', 'web2', false],
    ['web1,203.0.113.7', '203.0.113.7', true],
    ['2001:db8::7', '2001:db8::7', true],
    ['|1|broken', 'web1', false],
    ['|2|AAAA|AAAA', 'web1', false],
  ])('%s means %s: %s', (hosts, name, expected) => {
    expect(matchesHost(hosts, name)).toBe(expected)
  })

  it('answers at once, however many stars a pattern has', () => {
    expect(matchesHost('*a'.repeat(5000), 'a'.repeat(4999))).toBe(false)
  })
})

describe('beside ssh-keygen -F', () => {
  const label = fc.stringMatching(/^[a-c][a-c.-]{0,3}$/)
  const pattern = fc.stringMatching(/^!?[a-c*?.][a-c*?.-]{0,3}$/)
  const name = fc.tuple(label, fc.constantFrom(22, 2222)).map(([host, port]) => knownName(host, port))
  const line = fc.record({
    hosts: fc.oneof(
      fc.array(pattern, { minLength: 1, maxLength: 3 }).map((all) => all.join(',')),
      name,
      name.map((text) => knownHostsLine(text, key, true).split(' ')[0] ?? ''),
    ),
    marker: fc.constantFrom('', '', '', '@revoked '),
  })

  it('finds the same lines for any file and any name', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), name, (lines, wanted) => {
        const text = lines.map(({ hosts, marker }) => `${marker}${hosts} ssh-ed25519 ${base64}\n`).join('')
        writeFileSync(file, text)
        const found = parseKnownHosts(text, file).filter(({ hosts }) => matchesHost(hosts, wanted))
        expect(found.map((known) => known.line)).toEqual(linesFoundByKeygen(wanted))
      }),
      { numRuns: 150 },
    )
  })

  it('writes lines that ssh-keygen finds, hashed and plain', () => {
    for (const isHashed of [false, true]) {
      writeFileSync(file, knownHostsLine('[web1]:2222', key, isHashed))
      expect(linesFoundByKeygen('[web1]:2222')).toEqual([1])
      expect(readFileSync(file, 'utf8').includes('web1')).toBe(!isHashed)
    }
  })

  it('gives the fingerprint that ssh-keygen -l gives', () => {
    writeFileSync(file, knownHostsLine('web1', key, false))
    expect(execFileSync('ssh-keygen', ['-l', '-f', file], { encoding: 'utf8' })).toContain(fingerprint(key))
  })
})

it('knows a host on another port than 22 by both, in lower case', () => {
  expect(knownName('Web1', 22)).toBe('web1')
  expect(knownName('Web1', 2222)).toBe('[web1]:2222')
})

it('takes no type from bytes that are no key', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(keyTypeOf(Buffer.from(bytes)).length).toBeLessThanOrEqual(36)
    }),
  )
  expect(keyTypeOf(key)).toBe('ssh-ed25519')
})

function linesFoundByKeygen(name: string): readonly number[] {
  try {
    const printed = execFileSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8', stdio: 'pipe' })
    return [...printed.matchAll(/found: line (\d+)/g)].map(([, line]) => Number(line))
  } catch {
    return []
  }
}

function ed25519(): Buffer {
  const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  return Buffer.concat([part(Buffer.from('ssh-ed25519')), part(randomBytes(32))])
}
