import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  idlePaths,
  removeLayer,
  type SandboxHost,
  sandboxDown,
  sandboxFreeze,
  sandboxList,
  sandboxNetwork,
  sandboxReboot,
  sandboxUp,
  upperEntries,
} from '../../src/sandbox/index.ts'
import { onHosts, ssh, withHost } from './host.ts'

onHosts('A bare sandbox host', () => {
  let hosts: readonly SandboxHost[] = []
  let bare: readonly string[] = []
  beforeAll(async () => {
    hosts = await Promise.all([withHost({ debian: 12 }), withHost({ debian: 13 })])
    bare = await onEach('for name in python3 pip git nginx nft; do command -v $name; done; ls /var/lib/apt/lists')
  }, 600_000)

  it('is the Debian that was asked for, booted without a failed unit, at an address of its own', async () => {
    const answers = await onEach(
      '. /etc/os-release; echo "$VERSION_ID $(systemctl is-system-running) $(ps -p 1 -o comm=)"',
    )
    expect(answers).toEqual(['12 running systemd\n', '13 running systemd\n'])
    expect(new Set(hosts.map((host) => host.address)).size).toBe(2)
  })

  it('has a user who may do all with sudo, and a root who takes the same key', async () => {
    expect(await onEach('sudo -n id -un')).toEqual(['root\n', 'root\n'])
    expect(await onEach('id -un', 'root')).toEqual(['root\n', 'root\n'])
  })

  it('is as bare as a new cloud server', () => {
    expect(bare.map((text) => text.replace(/auxfiles|lock|partial|\n/g, ''))).toEqual(['', ''])
  })

  it('installs packages from where this machine does, and runs their services', async () => {
    const install =
      'apt-get -qq update && apt-get -qq install -y --no-install-recommends nginx-light acl nftables >/tmp/log 2>&1'
    const use =
      'systemctl is-active nginx; nft add table ip x; nft list tables; setfacl -m u:www-data:x /home/elspeth; getfacl -cp /home/elspeth'
    for (const said of await onEach(`{ ${install} || cat /tmp/log; } && { ${use}; }`, 'root')) {
      expect(said).toMatch(/^active\ntable ip x\nuser::rwx\nuser:www-data:--x\n/)
    }
  })

  it('takes pip packages from where this machine does, for its user and for root, into a cache that later hosts share', async () => {
    const apt = 'apt-get -qq update && apt-get -qq install -y --no-install-recommends python3-pip'
    const install = `{ ${apt}; } >/tmp/log 2>&1 || cat /tmp/log`
    expect(await onEach(install, 'root')).toEqual(['', ''])
    // -q leaves warnings: pip says so when it takes its cache for somebody else's.
    const fetch = 'pip download -q --no-deps -d "$(mktemp -d)" sqlparse 2>&1'
    expect(await onEach(`pip cache dir; ${fetch}; sudo ${fetch}`)).toEqual(['/var/cache/pip\n', '/var/cache/pip\n'])
    await onEach('echo wheel > "/var/cache/pip/$(hostname)"')
    for (const host of hosts) {
      const shared = `${host.root}/../../../pip/${host.debian}/${host.name}`
      expect(readFileSync(shared, 'utf8')).toBe('wheel\n')
      rmSync(shared)
    }
  })

  it('changes nothing by itself, by logins and by sudo, but what idlePaths names', async () => {
    const differences = () => hosts.map((host) => upperEntries(host.upper, idlePaths))
    const before = differences()
    expect(await onEach('sudo systemctl start systemd-tmpfiles-clean; sudo journalctl --flush')).toEqual(['', ''])
    expect(await onEach('true', 'root')).toEqual(['', ''])
    expect(differences()).toEqual(before)
  })

  it('comes up again from a reboot with its disk and its address', async () => {
    const [host] = hosts
    if (!host) throw new Error('no host')
    const start = 'systemctl show -p UserspaceTimestampMonotonic'
    const before = (await ssh(host, `echo kept > kept; ${start}`)).stdout
    await sandboxReboot(host.name)
    expect((await ssh(host, start)).stdout).not.toBe(before)
    expect((await ssh(host, 'cat kept; systemctl is-system-running')).stdout).toBe('kept\nrunning\n')
  })

  it('keeps a connection over a pulled cable, and what is said meanwhile arrives after it is back', async () => {
    const [, host] = hosts
    if (!host) throw new Error('no host')
    const waiting = ssh(host, 'while [ ! -e /tmp/pulled ]; do sleep 0.05; done; echo said while the cable was out')
    await sandboxNetwork(host.name, 'down')
    spawnSync('touch', [`/proc/${firstProcessOf(host)}/root/tmp/pulled`])
    await sandboxNetwork(host.name, 'up')
    expect((await waiting).stdout).toBe('said while the cable was out\n')
  })

  async function onEach(text: string, user?: string): Promise<string[]> {
    const all = await Promise.all(hosts.map((host) => ssh(host, text, user)))
    return all.map((finished) => finished.stdout + finished.stderr)
  }
})

onHosts('A sandbox', () => {
  const layer = `test-freeze-${process.pid}`
  afterAll(() => removeLayer(layer))

  it('stacks hosts on what another was when it was frozen, each with its own keys, name and changes', async () => {
    const first = await withHost({ debian: 12 })
    await ssh(first, 'echo floor > floor; sudo rm /etc/motd')
    const firstKeys = readFileSync(first.knownHostsFile, 'utf8')
    await sandboxFreeze({ name: first.name, layer })
    const [left, right] = await Promise.all([
      withHost({ debian: 12, from: layer }),
      withHost({ debian: 12, from: layer }),
    ])
    await ssh(left, 'echo mine > floor')
    expect((await ssh(left, 'cat floor; hostname; ls /etc/motd 2>/dev/null')).stdout).toBe(`mine\n${left.name}\n`)
    expect((await ssh(right, 'cat floor; hostname; ls /etc/motd 2>/dev/null')).stdout).toBe(`floor\n${right.name}\n`)
    expect(
      new Set([firstKeys, readFileSync(left.knownHostsFile, 'utf8'), readFileSync(right.knownHostsFile, 'utf8')]).size,
    ).toBe(3)
  })

  it('gives no sudo, or sudo with a password, where that is asked for', async () => {
    const [none, password] = await Promise.all([withHost({ sudo: 'none' }), withHost({ sudo: 'password' })])
    expect((await ssh(none, 'sudo -n true')).code).not.toBe(0)
    expect((await ssh(password, 'sudo -n true')).code).not.toBe(0)
    expect((await ssh(password, "echo 'correct horse' | sudo -S -p '' id -un")).stdout).toBe('root\n')
    expect((await ssh(none, "echo 'correct horse' | sudo -S -p '' id -un")).stdout).toBe('')
  })

  it('refuses a second host of a name', async () => {
    const host = await withHost()
    await expect(sandboxUp({ name: host.name, debian: 12 })).rejects.toMatchObject({
      message: `A sandbox host "${host.name}" is already up.`,
      hint: `tasks sandbox down ${host.name}, or choose another name`,
    })
  })

  it('tells what a host differs in, whiteouts too', async () => {
    const host = await withHost()
    await ssh(host, 'sudo rm /etc/motd; printf hello > "a b"; ln -s "a b" link')
    const about = upperEntries(host.upper).filter(({ path }) => /motd$|elspeth\/(a b|link)$/.test(path))
    expect(about.map(({ path, type, uid, size }) => ({ path, type, uid, size }))).toEqual([
      { path: '/etc/motd', type: 'whiteout', uid: 0, size: 0 },
      { path: '/home/elspeth/a b', type: 'file', uid: 1000, size: 5 },
      { path: '/home/elspeth/link', type: 'symlink', uid: 1000, size: 0 },
    ])
  })

  it('leaves nothing of a host that is taken down', async () => {
    const host = await withHost()
    const network = linkOf(host)
    expect(traces(host, network).length).toBeGreaterThan(4)
    await sandboxDown(host.name)
    expect(traces(host, network)).toEqual([])
  })

  it('clears the host of a process that was killed when anybody lists or makes hosts', async () => {
    const owner = spawnSync('sh', ['-c', 'sleep 1000 >/dev/null 2>&1 & echo $!'])
    const pid = Number(String(owner.stdout))
    const name = `t-${process.pid}-orphan`
    const host = await sandboxUp({ name, debian: 13, owner: pid })
    const network = linkOf(host)
    expect((await sandboxList()).map((up) => up.name)).toContain(name)
    process.kill(pid, 'SIGKILL')
    // A killed process is there until its parent has asked for it.
    while (existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
    expect((await sandboxList()).map((up) => up.name)).not.toContain(name)
    expect(traces(host, network)).toEqual([])
  })
})

/** The name of the host's link, which its namespace, its rules and its control group have too. */
function linkOf(host: SandboxHost): string {
  return JSON.parse(readFileSync(`/run/tasks-sandbox/${host.name}.json`, 'utf8')).link
}

function traces(host: SandboxHost, link: string): readonly string[] {
  const places = [
    lines('cat /proc/self/mounts'),
    lines('ip -o link'),
    lines('ip netns list'),
    lines('nft list tables'),
    lines('ip -4 route show table all'),
    lines('ps -eo stat,args').filter((line) => !line.startsWith('Z')),
    lines('find /run/tasks-sandbox /run/netns /run/systemd/nspawn /sys/fs/cgroup -maxdepth 2'),
    lines(`ls -d ${host.root} ${host.upper} ${host.knownHostsFile}`),
  ]
  return places
    .flat()
    .filter((line) => line.includes(link) || line.includes(host.name) || line.includes(`${host.address} `))
}

function lines(command: string): readonly string[] {
  return String(spawnSync('sh', ['-c', `${command} 2>/dev/null`]).stdout).split('\n')
}

function firstProcessOf(host: SandboxHost): string {
  const found = lines('ps -eo pid,ppid,args')
  const nspawn = found.find(
    (line) => line.includes('systemd-nspawn') && line.includes(`--machine=${host.name} `) && !line.includes(' sh -c '),
  )
  const parent = nspawn?.trim().split(/\s+/)[0]
  return found.map((line) => line.trim().split(/\s+/)).find(([, ppid]) => ppid === parent)?.[0] ?? ''
}
