import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { environmentLines } from '../../src/steps/environment-file.ts'
import { hostileValues } from '../steps/hostile-values.ts'
import { onHosts, ssh, withHost } from './host.ts'

onHosts('an environment file', () => {
  describe.each([12, 13] as const)('on Debian %i', (debian) => {
    let host: SandboxHost
    beforeAll(async () => {
      host = await withHost({ debian })
    })

    it('gives a process each hostile value byte for byte, through systemd and through the shell', async () => {
      await expectArrival(host, hostileValues)
    })

    it('gives a process a thousand values of any characters', async () => {
      const text = fc.oneof(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.string({ unit: fc.constantFrom(...`ab'"\\ \n\t\r$\`#;=%{}~\u0001\u001b\u0085é🐎`), maxLength: 40 }),
      )
      const isPossible = (value: string) => !/[\0\ufffd]|\p{Noncharacter_Code_Point}/u.test(value)
      const values = fc.sample(text, { numRuns: 1200 }).filter(isPossible)
      expect(values.length).toBeGreaterThan(1000)
      await expectArrival(host, Object.fromEntries(values.map((value, index) => [`V${index}`, value])))
    })
  })
})

async function expectArrival(host: SandboxHost, values: Readonly<Record<string, string>>): Promise<void> {
  const file = Buffer.from(environmentLines(values)).toString('base64')
  await ssh(host, `base64 -d >/root/env <<'END'\n${file.replace(/.{1,1000}/g, '$&\n')}\nEND`, 'root')
  const run = 'systemd-run --quiet --wait --pipe --property=EnvironmentFile=/root/env'
  const bySystemd = await ssh(host, `${run} env -0 | base64 -w0`, 'root')
  const byShell = await ssh(host, `env -i PATH="$PATH" sh -c 'set -a; . /root/env; exec env -0' | base64 -w0`, 'root')
  const wanted = Object.entries(values).map(([name, value]) => `${name}=${value}`)
  expect(named(bySystemd.stdout, values)).toEqual(wanted)
  expect(named(byShell.stdout, values)).toEqual(wanted)
}

/** The test's own variables, in the order in which they were given. */
function named(base64: string, values: Readonly<Record<string, string>>): readonly string[] {
  const all = Buffer.from(base64, 'base64').toString().split('\0')
  const found = new Map(all.map((entry) => [entry.slice(0, entry.indexOf('=')), entry]))
  return Object.keys(values).map((name) => found.get(name) ?? `${name} is missing`)
}
