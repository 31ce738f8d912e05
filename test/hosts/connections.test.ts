import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Ask } from '../../src/core/ask.ts'
import type { Event } from '../../src/core/event.ts'
import { sh } from '../../src/core/sh.ts'
import { step } from '../../src/core/step.ts'
import type { AnyTask } from '../../src/core/task.ts'
import { type RunRequest, run } from '../../src/run/index.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { connectSsh, type SshTarget } from '../../src/transport/ssh.ts'
import { deploy } from '../../tasks/deploy.ts'
import { deployed, ownProject, requestOn, type TaskOptions } from './floors.ts'
import { onHosts, ssh, withHost } from './host.ts'
import { until } from './until.ts'

const folder = mkdtempSync(join(tmpdir(), 'tasks-connections-'))
const path = (name: string) => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// Of the library, engine.test.ts and transport.test.ts try the same
const transport: SshTarget['transport'] = 'openssh'

const asRoot = [
  step({ name: 'root', title: 'root', check: sh`test "$(id -un)" = root` }),
  step({ name: 'home', title: 'home', as: 'elspeth', check: sh`test "$HOME" = /home/elspeth` }),
]

onHosts("A host, come to with this machine's own ssh,", () => {
  let host: SandboxHost
  beforeAll(async () => {
    host = await withHost({ debian: 13, from: await deployed(13) })
  })
  beforeEach(() => {
    rmSync(path('run'), { recursive: true, force: true })
    mkdirSync(path('run'), { mode: 0o700 })
  })

  /** As the command line would, with a connection that differs from the usual one. */
  async function over(
    target: Partial<SshTarget>,
    what: AnyTask | typeof asRoot,
    { onEvent, ...options }: TaskOptions = {},
  ) {
    const events: Event[] = []
    const emit = (event: Event) => {
      events.push(event)
      onEvent?.(event)
    }
    const connect: RunRequest['connect'] = ({ address, name: _, siteUser: __, ...rest }, { ask, signal }) => {
      const env = { XDG_RUNTIME_DIR: path('run') }
      return connectSsh({ configFile: '/dev/null', host: address, ...rest, ...target }, { prompts: ask, signal, env })
    }
    const result = await run({ ...requestOn(host, what, { ...options, emit }), connect })
    const because = events.flatMap((event) => (event.type === 'run.failed' ? event.message : []))[0]
    return { ...result, events, because }
  }

  async function onHost(text: string): Promise<void> {
    const { code, stderr } = await ssh(host, text, 'root')
    if (code !== 0) throw new Error(stderr)
  }

  it('is deployed to for nothing, over one connection and one channel', async () => {
    const ran = await over({ transport }, deploy, { project: await ownProject() })
    expect(ran).toMatchObject({ because: undefined, outcome: 'done', counts: { changed: 0, failed: 0 } })
    expect(ran.events.at(-1)).toMatchObject({ wire: { connections: 1, channels: 1 } })
  })

  it('is come back to when the session was killed, and each step is done once', async () => {
    const name = `killed-${transport}`
    const lines = `/run/${name}.lines`
    const slow = step({
      name: 'slow',
      title: 'slow',
      check: sh`grep -qsx slow ${lines} || exit 1`,
      apply: sh`
        : >${`/run/${name}.began`}
        until test -e ${`/run/${name}.go`}; do sleep 0.1; done
        echo slow >>${lines}`,
    })
    const running = over({ transport }, [slow], {
      onEvent(event) {
        if (event.type === 'host.lost') void onHost(`: >/run/${name}.go`)
      },
    })
    await until(async () => (await ssh(host, `test -e /run/${name}.began`, 'root')).code === 0)
    await onHost("pkill -f '[s]shd.*: elspeth'")
    const ran = await running
    expect(ran).toMatchObject({ because: undefined, outcome: 'done', counts: { changed: 1 } })
    expect(ran.events.at(-1)).toMatchObject({ wire: { connections: 2, channels: 2 } })
    expect((await ssh(host, `cat ${lines}`, 'root')).stdout).toBe('slow\n')
  })

  it('takes a certificate for a key that it does not know, and proves itself by one', async () => {
    for (const name of ['user-ca', 'host-ca', 'signed'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path(name)])
    execFileSync('ssh-keygen', ['-q', '-s', path('user-ca'), '-I', 'edith', '-n', 'elspeth', path('signed.pub')])
    const { stdout } = await ssh(host, 'cat /etc/ssh/ssh_host_ed25519_key.pub', 'root')
    writeFileSync(path('host.pub'), stdout)
    const certify = ['-q', '-s', path('host-ca'), '-h', '-I', 'web1', '-n', host.address, path('host.pub')]
    execFileSync('ssh-keygen', certify)
    const [authority, certificate] = ['user-ca.pub', 'host-cert.pub'].map((name) =>
      readFileSync(path(name), 'utf8').trim(),
    )
    await onHost(`
      echo '${authority}' >/etc/ssh/user_ca.pub; echo '${certificate}' >/etc/ssh/host-cert.pub
      printf 'TrustedUserCAKeys /etc/ssh/user_ca.pub\\nHostCertificate /etc/ssh/host-cert.pub\\n' >/etc/ssh/sshd_config.d/00-certificates.conf
      systemctl restart ssh`)
    writeFileSync(path('authorities'), `@cert-authority ${host.address} ${readFileSync(path('host-ca.pub'), 'utf8')}`)
    const ran = await over({ identityFile: path('signed'), knownHostsFile: path('authorities') }, asRoot)
    expect(ran).toMatchObject({ because: undefined, counts: { met: 2 } })
    expect(ran.events).toContainEqual({
      type: 'host.connected',
      host: 'web1',
      user: 'elspeth',
      transport: { name: 'openssh', because: `${path('signed')}-cert.pub is a certificate` },
    })
    copyFileSync(path('signed'), path('unsigned'))
    expect((await over({ identityFile: path('unsigned') }, asRoot)).because).toBe(
      `Cannot log in to "${host.address}" as elspeth: the server took none of the keys (${path('unsigned')}).`,
    )
  })

  it('is come to by a password that a person is asked for', async () => {
    await onHost(`
      echo 'elspeth:correct horse' | chpasswd
      echo 'PasswordAuthentication yes' >/etc/ssh/sshd_config.d/00-password.conf; systemctl restart ssh`)
    writeFileSync(path('password_config'), 'IdentityFile none\nPubkeyAuthentication no\n')
    const asked: string[] = []
    const answers = ['wrong', 'correct horse']
    const password = async (who: string) => {
      asked.push(who)
      return answers.shift() ?? ''
    }
    const target = { transport, identityFile: undefined, configFile: path('password_config') }
    expect(await over(target, asRoot, { ask: { password } })).toMatchObject({ because: undefined, counts: { met: 2 } })
    expect(asked).toEqual([`elspeth@${host.address}`, `elspeth@${host.address}`])
  })

  it('gets what was sent past a closed home folder and a login shell of any kind', async () => {
    await onHost(`
      export DEBIAN_FRONTEND=noninteractive
      command -v fish >/dev/null || apt-get -q -y install --no-install-recommends tcsh fish >/dev/null 2>&1
      chmod 0700 /home/elspeth
      cd /home/elspeth; mkdir -p .config/fish
      echo 'echo Hello from fish; echo trouble >&2' >.config/fish/config.fish
      echo 'echo Hello from csh' >.cshrc
      [ -e .bashrc.old ] || { cp .bashrc .bashrc.old; echo 'echo Welcome; echo trouble >&2' | cat - .bashrc.old >.bashrc; }
      chown -R elspeth: .config .cshrc .bashrc`)
    for (const shell of ['/usr/bin/fish', '/bin/csh', '/bin/bash']) {
      await onHost(`usermod -s ${shell} elspeth`)
      const { because, counts } = await over({ transport }, asRoot)
      expect([shell, because, counts.met]).toEqual([shell, undefined, 2])
    }
  })

  it.each(['ssh2', 'openssh'] as const)(
    'says with %s what a sudo that allows nothing useful means',
    async (transport) => {
      await onHost(`
      id stranger >/dev/null 2>&1 || useradd -m -s /bin/sh stranger
      echo 'stranger:battery staple' | chpasswd
      cp -r /home/elspeth/.ssh /home/stranger/ && chown -R stranger: /home/stranger/.ssh
      echo 'stranger ALL=(root) NOPASSWD: /bin/true' >/etc/sudoers.d/stranger`)
      const ask: Ask = { sudoPassword: async () => 'battery staple' }
      expect(await over({ transport }, asRoot, { user: 'stranger', ask })).toMatchObject({
        exitCode: 4,
        because: 'Cannot become root on "web1", because stranger may not use sudo there.',
      })
    },
  )

  it('is asked for the password of sudo once', async () => {
    await onHost(`
      echo 'elspeth:correct horse' | chpasswd
      sed -i 's/NOPASSWD: *//' /etc/sudoers.d/*`)
    const asked: unknown[] = []
    const sudoPassword = async (question: unknown) => {
      asked.push(question)
      return 'correct horse'
    }
    expect(await over({ transport }, asRoot, { ask: { sudoPassword } })).toMatchObject({
      because: undefined,
      counts: { met: 2 },
    })
    expect(asked).toEqual([{ host: 'web1', user: 'elspeth', isRetry: false }])
  })
})
