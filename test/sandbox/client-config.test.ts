import { describe, expect, it } from 'vitest'
import {
  aptClientConfig,
  aptSources,
  fileReferences,
  pipConfig,
  sessionEnvironment,
} from '../../src/sandbox/client-config.ts'

const bookworm = 'ID=debian\nVERSION_CODENAME=bookworm\n'
const isFile = () => true

describe('aptSources', () => {
  const targets = [
    'Packages http://mirror.example/debian/ bookworm main',
    'DEP-11 http://mirror.example/debian/ bookworm main',
    'Packages http://mirror.example/security/ bookworm-security main',
    'Packages http://elsewhere.example/ nodistro main',
  ].join('\n')

  it("gives a host the machine's own URIs, with the suites of the host's release", () => {
    expect(aptSources({ debian: 13, targets, release: bookworm })).toEqual({
      mirror: 'http://mirror.example/debian/',
      text: `${stanza('http://mirror.example/debian/', 'trixie')}\n${stanza('http://mirror.example/security/', 'trixie-security')}`,
    })
  })

  it('takes suites that are named by their state', () => {
    const named = 'Packages http://mirror.example/debian/ stable main'
    expect(aptSources({ debian: 12, targets: named, release: bookworm }).text).toContain('Suites: bookworm\n')
  })

  it('leaves the archive to debootstrap on a machine that is not Debian', () => {
    const ubuntu = { debian: 13, targets, release: 'ID=ubuntu\nID_LIKE=debian\n' } as const
    expect(aptSources(ubuntu)).toEqual({ mirror: undefined, text: undefined })
  })
})

describe('aptClientConfig', () => {
  it('keeps what says how to fetch and whom to trust, and nothing else', () => {
    const dump = [
      'APT "";',
      'Acquire "";',
      'Acquire::http "";',
      'Acquire::http::Proxy "http://proxy.example:3128";',
      'Acquire::https::CaInfo "/opt/company.pem";',
      'Acquire::Check-Valid-Until "false";',
      'Acquire::GzipIndexes "true";',
      'DPkg::Post-Invoke:: "rm -f /var/cache/apt/archives/*.deb || true";',
    ].join('\n')
    expect(aptClientConfig(dump)).toBe(
      'Acquire::http::Proxy "http://proxy.example:3128";\nAcquire::https::CaInfo "/opt/company.pem";\nAcquire::Check-Valid-Until "false";\n',
    )
  })
})

describe('pipConfig', () => {
  const cache = 'cache-dir = /var/cache/pip\n'

  it("keeps where the machine's pip fetches from and whom it trusts", () => {
    const text =
      '[global]\nindex-url = https://index.example/simple\ncert = /c.pem\nno-color = true\n[install]\ntimeout = 1\n'
    expect(pipConfig({ text, env: {}, isFile })).toBe(
      `[global]\nindex-url = https://index.example/simple\ncert = /c.pem\n${cache}`,
    )
  })

  it('lets variables win over the file, as pip does', () => {
    const env = { PIP_INDEX_URL: 'https://b.example/simple', PIP_DEFAULT_TIMEOUT: '60', PIP_FIND_LINKS: '/opt/wheels' }
    const text = '[global]\nindex-url = https://a.example/simple\n'
    expect(pipConfig({ text, env, isFile })).toBe(
      `[global]\nindex-url = https://b.example/simple\ntimeout = 60\n${cache}`,
    )
  })

  it('keeps each of several values', () => {
    const text = '[global]\ntrusted-host =\n    a.example\n    b.example\n'
    expect(pipConfig({ text, env: {}, isFile })).toBe(`[global]\ntrusted-host = a.example\n    b.example\n${cache}`)
  })

  it('leaves out a certificate that is not there', () => {
    expect(pipConfig({ text: '', env: { PIP_CERT: '/gone.pem' }, isFile: () => false })).toBe(`[global]\n${cache}`)
  })
})

describe('sessionEnvironment', () => {
  it('hands on the proxies alone', () => {
    const env = { http_proxy: 'http://p.example:1', NO_PROXY: 'a b', SECRET: 'x', https_proxy: '' }
    expect(sessionEnvironment(env)).toBe('http_proxy="http://p.example:1"\nNO_PROXY="a b"\n')
  })
})

describe('fileReferences', () => {
  it('names the files that a host does not have of its own', () => {
    const config =
      'Acquire::https::CaInfo "/opt/a.pem";\ncert = /etc/ssl/certs/ca-certificates.crt\nclient-cert = /opt/b.pem\n'
    expect(fileReferences(config)).toEqual(['/opt/a.pem', '/opt/b.pem'])
  })
})

function stanza(uri: string, suite: string): string {
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
  return `Types: deb\nURIs: ${uri}\nSuites: ${suite}\nComponents: main\nSigned-By: ${keyring}\n`
}
