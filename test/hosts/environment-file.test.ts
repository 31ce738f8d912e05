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
      const file = Buffer.from(environmentLines(hostileValues)).toString('base64')
      const wanted = Object.entries(hostileValues).map(([name, value]) => `${name}=${value}`)
      await ssh(host, `base64 -d >/root/env <<'END'\n${file.replace(/.{1,1000}/g, '$&\n')}\nEND`, 'root')
      const run = 'systemd-run --quiet --wait --pipe --property=EnvironmentFile=/root/env'
      const bySystemd = await ssh(host, `${run} env -0 | base64 -w0`, 'root')
      const byShell = await ssh(
        host,
        `env -i PATH="$PATH" sh -c 'set -a; . /root/env; exec env -0' | base64 -w0`,
        'root',
      )
      expect(named(bySystemd.stdout)).toEqual(wanted)
      expect(named(byShell.stdout)).toEqual(wanted)
    })
  })
})

/** The test's own variables, in the order in which they were given. */
function named(base64: string): readonly string[] {
  const all = Buffer.from(base64, 'base64').toString().split('\0')
  return Object.keys(hostileValues).map(
    (name) => all.find((entry) => entry.startsWith(`${name}=`)) ?? `${name} is missing`,
  )
}
