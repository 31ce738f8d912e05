import { describe, expect, it } from 'vitest'
import { siteStatesIn } from '../../src/steps/status-said.ts'

const said = `\
noise before
site staging.example.com
disk 69064 57741876
certificate issuer=CN=R3,O=Let\\'s Encrypt\\, Inc,C=US
certificate notAfter=Feb 20 12:00:00 2027 GMT
certificate Hostname staging.example.com does match certificate
release 8 -cs {"number":8,"when":"2026-11-22T04:53:06Z","kind":"restart","from":7,"commit":"c0ffee","subject":"site x","who":"me@here"}
since 2026-11-22T04:53:24Z
unit Name=gunicorn-staging.example.com@8.service
unit Boot=yes
unit MainPID=123
unit NRestarts=2
unit ActiveState=active
unit StateChangeTimestamp=Sun 2026-11-22 04:53:16 UTC
unit Workers=3
unit Memory=112309248
health well
site new.example.com
disk - 57741876
health never
`

describe('what a host says of its sites', () => {
  it('is read as facts, with nothing where nothing was said', () => {
    expect(siteStatesIn(said)).toEqual([
      {
        site: 'staging.example.com',
        release: {
          number: 8,
          when: '2026-11-22T04:53:06Z',
          who: 'me@here',
          commit: 'c0ffee',
          subject: 'site x',
          kind: 'restart',
          from: 7,
          isCurrent: true,
          isBad: false,
          hasServed: true,
        },
        servesSince: '2026-11-22T04:53:24Z',
        unit: {
          name: 'gunicorn-staging.example.com@8.service',
          state: 'active',
          since: '2026-11-22T04:53:16Z',
          startsAtBoot: true,
          workers: 3,
          memory: 112309248,
          restarts: 2,
        },
        health: { isHealthy: true },
        disk: { used: 70721536, free: 59127681024 },
        certificate: { issuer: "Let's Encrypt, Inc", expires: '2027-02-20T12:00:00Z', isForSite: true },
      },
      {
        site: 'new.example.com',
        health: { isHealthy: false, because: 'it was never deployed to this host' },
        disk: { free: 59127681024 },
      },
    ])
  })

  it.each([
    ['socket silent', 'its release does not answer'],
    ['socket silent closed', 'its release closes connections without an answer'],
    ['socket status 500', 'its release answers with status 500'],
    ['socket missing 200', 'its release answers with status 404'],
    ['socket debug', 'its release answers with a debug page'],
    ['socket loop', 'its release redirects to itself'],
    ['socket https 200', 'its release redirects everything to https'],
    ['socket release x/7', 'another release answers on its socket'],
    ['socket ', 'it cannot be told whether its release answers'],
    ['nginx', 'nginx does not answer for it'],
    ['nginx 502', 'nginx answers with status 502, and not with the release that is to serve'],
  ])('"health %s" is told in words', (words, because) => {
    expect(siteStatesIn(`site a\nhealth ${words}\n`)[0]?.health).toEqual({ isHealthy: false, because })
  })

  it('is not made up where the host says something else', () => {
    expect(siteStatesIn('sh: 1: curl: not found\n')).toEqual([])
    expect(siteStatesIn('site a\nunit Name=u\nunit StateChangeTimestamp=\nunit Memory=[not set]\n')[0]).toEqual({
      site: 'a',
      unit: { name: 'u', state: 'unknown', startsAtBoot: false, restarts: 0 },
      health: { isHealthy: false, because: 'it cannot be told whether its release answers' },
      disk: {},
    })
  })
})
