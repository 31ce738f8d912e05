import { beforeAll, expect, it } from 'vitest'
import { idlePaths, type SandboxHost, upperEntries } from '../../src/sandbox/index.ts'
import { deploy } from '../../tasks/deploy.ts'
import { deployed, ownProject, site, stepsThat, taskOn } from './floors.ts'
import { onEachDebian, onHosts, ssh, withHost } from './host.ts'

const folder = `/home/elspeth/sites/${site.name}`

/** One way to break a host each: what a person, an upgrade or an accident does. */
const damages: readonly string[] = [
  'DEBIAN_FRONTEND=noninteractive apt-get -y -q remove acl >/dev/null',
  'DEBIAN_FRONTEND=noninteractive apt-get -y -q purge unattended-upgrades >/dev/null',
  'echo "garbage;" >>/etc/nginx/conf.d/tasks.conf',
  'chmod 600 /etc/nginx/snippets/tasks-listen.conf',
  'rm /etc/nginx/sites-enabled/default',
  'systemctl --quiet disable --now tasks-firewall',
  'nft flush ruleset',
  'rm /etc/apt/apt.conf.d/52tasks-security-upgrades',
  'systemctl --quiet disable nginx',
  'systemctl --quiet stop nginx',
  `rm /etc/nginx/sites-enabled/${site.name}`,
  `echo '# edited' >>/etc/nginx/sites-available/${site.name}`,
  `rm -f /var/lib/tasks/sockets/${site.name}.sock`,
  `systemctl --quiet stop 'gunicorn-${site.name}@1.service'`,
  `systemctl --quiet disable 'gunicorn-${site.name}@1.service'`,
  `echo '# edited' >>'/etc/systemd/system/gunicorn-${site.name}@.service'; systemctl daemon-reload`,
  `chmod 755 ${folder}/database`,
  'chown nobody /etc/nginx/sites-available/tasks-catch-all',
  `chmod 700 ${folder}/media`,
  `chmod 644 ${folder}/env/secret_key`,
  `rm ${folder}/static`,
  `rm ${folder}/current`,
  `rm -r ${folder}/releases/1/static`,
  `rm -r ${folder}/releases/1/source`,
  `rm -r ${folder}/virtualenvs`,
  `rm -r ${folder}/releases/1/overlay`,
  `chmod 644 ${folder}/releases/1/env`,
  `rm ${folder}/releases/1/database`,
  'setfacl -b /home/elspeth; chmod 700 /home/elspeth',
]

onHosts('A dry run', () => {
  onEachDebian('on a bare Debian %i', (debian) => {
    it('of provision and deploy lists every step, touches nothing, and announces just what the run then changes; nothing after that', async () => {
      const host = await withHost({ debian })
      const project = await ownProject()
      const before = upperEntries(host.upper, idlePaths)
      const announced = await taskOn(host, deploy, { project, mode: 'dry-run' })
      expect(announced).toMatchObject({ because: undefined, exitCode: 0, outcome: 'done' })
      expect(upperEntries(host.upper, idlePaths)).toEqual(before)
      const done = await taskOn(host, deploy, { project })
      expect(done.because).toBeUndefined()
      expect(Object.keys(announced.verdicts)).toEqual(Object.keys(done.verdicts))
      expect(stepsThat(done, 'changed')).toEqual(changesOf(stepsThat(announced, 'would change', 'after')))
      expect(verifying(stepsThat(done, 'met'))).toEqual(verifying(Object.keys(done.verdicts).sort()))
      const served = upperEntries(host.upper, idlePaths)
      const again = await taskOn(host, deploy, { project, mode: 'dry-run' })
      expect(stepsThat(again, 'met')).toHaveLength(Object.keys(again.verdicts).length)
      expect(upperEntries(host.upper, idlePaths)).toEqual(served)
    })
  })

  onEachDebian('on a broken Debian %i', (debian) => {
    let host: SandboxHost
    beforeAll(async () => {
      host = await withHost({ debian, from: await deployed(debian) })
    })

    it('announces just what the run then repairs, however it was broken', async () => {
      const project = await ownProject()
      const seed = Number(process.env.SEED ?? Date.now() % 100_000)
      const { DAMAGE } = process.env
      const chosen = DAMAGE === undefined ? sample(damages, 10, seed) : [DAMAGE]
      console.log(`seed ${seed}: run with SEED=${seed} for the same damage:\n  ${chosen.join('\n  ')}`)
      for (const damage of chosen) expect(await ssh(host, damage, 'root'), damage).toMatchObject({ code: 0 })
      const before = upperEntries(host.upper, idlePaths)
      const announced = await taskOn(host, deploy, { project, mode: 'dry-run' })
      expect(announced.exitCode, announced.because ?? '').toBe(0)
      expect(upperEntries(host.upper, idlePaths)).toEqual(before)
      const done = await taskOn(host, deploy, { project })
      expect(done.because).toBeUndefined()
      expect(stepsThat(done, 'changed')).toEqual(changesOf(stepsThat(announced, 'would change', 'after')))
      expect(stepsThat(done, 'changed')).not.toEqual([])
      const again = await taskOn(host, deploy, { project })
      expect(stepsThat(again, 'met')).toHaveLength(Object.keys(again.verdicts).length)
    })
  })
})

/** What verify asks is decided after all changes; the answers change nothing. */
function changesOf(steps: readonly string[]): readonly string[] {
  return steps.filter((step) => !step.startsWith('verify/'))
}

function verifying(steps: readonly string[]): readonly string[] {
  return steps.filter((step) => step.startsWith('verify/'))
}

/** So many of them, in an order that only the seed decides. */
function sample<T>(all: readonly T[], count: number, seed: number): readonly T[] {
  let state = (seed + 1) * 7919
  const next = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  return all
    .map((item) => ({ item, place: next() }))
    .sort((one, other) => one.place - other.place)
    .slice(0, count)
    .map(({ item }) => item)
}
