import { describe, expect, it } from 'vitest'
import { factsIn } from '../../src/doctor/host-facts.ts'
import { nameFindings, servedFinding } from '../../src/doctor/site-findings.ts'

const site = { name: 'example.com', aliases: ['www.example.com', '203.0.113.10'] }

async function told(answers: Readonly<Record<string, readonly string[] | string>>, addresses: readonly string[]) {
  const lookup = async (name: string) => {
    const answer = answers[name] ?? 'ENOTFOUND'
    if (typeof answer === 'string') throw Object.assign(new Error(answer), { code: answer })
    return answer
  }
  const found = await nameFindings(site, { host: 'web1', addresses, lookup })
  return found.map(
    ({ title, status, detail, hint }) => `${title} ${status}: ${detail}${hint === undefined ? '' : ` → ${hint}`}`,
  )
}

describe('the names of a site', () => {
  it('point to its host, or elsewhere; an address that it answers to is no name', async () => {
    expect(
      await told({ 'example.com': ['203.0.113.10'], 'www.example.com': ['198.51.100.1'] }, ['203.0.113.10']),
    ).toEqual([
      'DNS ok: points to web1 (203.0.113.10)',
      'DNS of www.example.com warn: points to 198.51.100.1, and web1 is 203.0.113.10 → correct the record, unless a proxy stands before the host',
    ])
  })

  it('may be known to nobody', async () => {
    expect(await told({}, ['10.0.0.3', '203.0.113.10'])).toEqual([
      'DNS bad: no address is known for it → add a record with 203.0.113.10 where your domain is managed',
      'DNS of www.example.com bad: no address is known for it → add a record with 203.0.113.10 where your domain is managed',
    ])
  })

  it('are not known where nothing can be looked up, or the host has no public address', async () => {
    expect(
      await told({ 'example.com': 'ETIMEOUT', 'www.example.com': ['203.0.113.10'] }, ['10.0.0.3', 'fd00::1']),
    ).toEqual([
      'DNS unknown: names cannot be looked up just now (ETIMEOUT)',
      'DNS of www.example.com unknown: points to 203.0.113.10, and no public address of web1 is known to compare it with',
    ])
  })
})

describe('what nginx answers for a site', () => {
  it.each([
    ['no||', 'warn: it is not deployed yet → run: tasks deploy --site example.com'],
    ['yes||', 'bad: nginx does not answer for it → run: tasks status --site example.com'],
    ['yes|502||', 'bad: it answers with status 502 → run: tasks status --site example.com'],
    ['yes|200|example.com/7|', 'ok: serves release 7, with status 200'],
    ['yes|404|example.com/7|', 'ok: serves release 7, with status 404'],
    ['yes|301||/en/', 'ok: answers with status 301'],
    [
      'yes|200|other.example/7|',
      'warn: answers with status 200, and not from a release → run: tasks status --site example.com',
    ],
  ])('is judged by %s', (answer, words) => {
    const facts = factsIn(`tasks-doctor begins\nsite example.com|${answer}\ntasks-doctor ends\n`)
    const { status, detail, hint } = servedFinding(site, facts)
    expect(`${status}: ${detail}${hint === undefined ? '' : ` → ${hint}`}`).toBe(words)
  })

  it('is unknown where the host was not reached', () => {
    expect(servedFinding(site, undefined)).toEqual({
      title: 'nginx',
      status: 'unknown',
      detail: 'its host was not reached',
    })
  })
})
