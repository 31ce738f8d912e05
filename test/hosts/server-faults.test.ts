import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quote } from '../../src/core/sh.ts'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { packages } from '../../src/steps/packages.ts'
import { besideName } from '../../src/steps/path.ts'
import { deploy } from '../../tasks/deploy.ts'
import { provision } from '../../tasks/provision.ts'
import { commitFiles } from '../kinds/index.ts'
import { deployOn, page } from './deploy-on.ts'
import { deployed, exampleProject, type Ran, site, stepsThat, type TaskOptions, taskOn } from './floors.ts'
import { onHostsAtLength, ssh, withHost } from './host.ts'
import { until } from './until.ts'

onHostsAtLength('a server that is not as it should be', () => {
  let host: SandboxHost
  let project: string
  beforeAll(async () => {
    host = await withHost({ debian: 13, from: await deployed(13) })
    project = await exampleProject()
    await root(repository)
  }, 300_000)
  afterAll(() => rm(project, { recursive: true, force: true }))

  const root = async (text: string) => (await ssh(host, text, 'root')).stdout.trim()
  const serving = async () => (await page(host, site.name)).headers['x-release']
  const installed = async (name: string) => root(`dpkg-query -W -f '\${Status}' ${name}`)

  describe('APT', () => {
    const install = (
      names: readonly string[],
      { patience = 60, ...options }: TaskOptions & { patience?: number } = {},
    ) => taskOn(host, [packages({ names, patience })], { user: 'root', ...options })

    /** Somebody else installs a package that takes until /run/go is there. */
    async function somebodyInstalls(name: string) {
      await root(`rm -f /run/go; systemd-run --quiet --unit somebody-${name} apt-get -y install ${name}`)
      await until(() => root(`pgrep -f '[/]${name}.postinst'`))
    }

    it('is waited for when somebody else uses it, and it is told who', async () => {
      await somebodyInstalls('slow-one')
      const ran = await install(
        ['quick-one'],
        onWaiting(() => root(': >/run/go')),
      )
      expect(ran.because).toBeUndefined()
      expect(outputOf(ran)).toMatch(
        /^APT is used by process \d+ \(\/usr\/bin\/apt-get -y install slow-one\)\.\nWaiting until it has ended, for up to \d+ seconds\.$/m,
      )
      expect(await installed('quick-one')).toBe('install ok installed')
    })

    it('is given up after a while, naming who goes on using it', async () => {
      await somebodyInstalls('slow-two')
      const ran = await install(['quick-two'], { patience: 1 })
      expect([ran.exitCode, ran.because]).toEqual([
        1,
        expect.stringMatching(
          /^Cannot install "quick-two", because another program goes on using APT: process \d+ \(\/usr\/bin\/apt-get -y install slow-two\)\.$/,
        ),
      ])
      expect(ran.hint).toMatch(
        /^wait until it has ended, or see what it does: ps -fp \d+; then run the same command again$/,
      )
    })

    it('is repaired when it was interrupted', async () => {
      await root(`kill -9 $(systemctl show -P MainPID somebody-slow-two) $(pgrep -f 'slow-two|[d]pkg')`)
      await root(': >/run/go')
      expect(await root('dpkg --audit')).toContain('slow-two')
      const ran = await install(['quick-two'])
      expect(ran.because).toBeUndefined()
      expect([await installed('quick-two'), await installed('slow-two')]).toEqual(Array(2).fill('install ok installed'))
    })

    it('that a dead run left at work is waited for, and the run named', async () => {
      await root('rm -f /run/go')
      const first = install(['slow-three'])
      await until(() => root("pgrep -f '[/]slow-three.postinst'"))
      await root('kill -9 $(cat /run/tasks/2*/pid)')
      const ran = await install(
        ['slow-three'],
        onWaiting(() => root(': >/run/go')),
      )
      expect((await first).because).toBe(
        'The run on "web1" died in the middle, because the host restarted or the program was killed.',
      )
      expect(ran.because).toBeUndefined()
      expect(outputOf(ran)).toMatch(/^APT is used by process \d+ \(apt-get -y install slow-three -o tasks::run=\S+ /m)
      expect(await installed('slow-three')).toBe('install ok installed')
    })

    it('goes on without a source that cannot be read, and names its file', async () => {
      await root('echo "deb http://127.0.0.1:9/debian nothing main" >/etc/apt/sources.list.d/broken.list')
      const ran = await install(['quick-three'])
      await root('rm /etc/apt/sources.list.d/broken.list')
      expect([ran.because, notes(ran)]).toEqual([
        undefined,
        [
          'The host cannot read the package source "http://127.0.0.1:9", and goes on without it. → correct it, or take it away: /etc/apt/sources.list.d/broken.list',
        ],
      ])
    })

    it('names a package that does not exist, and one that is held', async () => {
      const unknown = await install(['no-such-one'])
      expect([unknown.because, unknown.hint]).toEqual([
        'Cannot install "no-such-one", because the host\'s package sources know no package "no-such-one".',
        'look for its name: apt-cache search no-such-one; or add the repository that has it to provision.repositories',
      ])
      await root('apt-mark hold held-one')
      const held = await install(['held-one'])
      expect([held.because, held.hint]).toEqual([
        'Cannot install "held-one", because one of them, or of those that they need, is held at the version that the host has.',
        'see which are held, on the host: apt-mark showhold; let it go: apt-mark unhold NAME',
      ])
    })

    it('says that the disk is full, and goes on when there is room', async () => {
      await root('mkdir -p /opt/big-one && mount -t tmpfs -o size=1m tmpfs /opt/big-one')
      const ran = await install(['big-one'])
      expect([ran.because, ran.hint]).toEqual([
        'Cannot install "big-one", because the disk of the host is full.',
        'make room: apt-get clean, journalctl --vacuum-size=100M, df -h',
      ])
      await root('umount /opt/big-one')
      expect((await install(['big-one'])).because).toBeUndefined()
    })
  })

  describe('nginx', () => {
    const units = `systemctl list-units --all --plain --no-legend 'gunicorn-${site.name}@*' | sed 's/.*@\\([0-9]*\\).service *loaded *active *\\([a-z]*\\).*/\\1 \\2/'`
    const foreign = '/etc/nginx/sites-enabled/zz-somebody'
    const broken = `printf 'server {\\n  lisen 80;\\n}\\n' >${foreign}`

    it('that refuses a file of somebody else keeps no code from being deployed, and is in the way of its own configuration', async () => {
      await root(broken)
      await commitFiles(project, { NOTE: 'one' }, 'Code alone')
      const code = await taskOn(host, deploy, { project })
      expect([code.because, await serving()]).toEqual([undefined, `${site.name}/2`])
      await commitFiles(project, { NOTE: 'two' }, 'More')
      const both = await taskOn(host, deploy, { project, settings: { maxBodySize: '11m' } })
      expect([both.exitCode, both.because, both.hint]).toEqual([
        1,
        `Cannot set up the site "${site.name}" in nginx, because nginx refuses a file that is not of our making, at ${foreign}:2: unknown directive "lisen".`,
        `correct ${foreign} or take it away, then see: nginx -t`,
      ])
      expect(await serving()).toBe(`${site.name}/2`)
      expect(
        await root(`ls /etc/nginx/sites-enabled; ls -A /etc/nginx/sites-available | grep tasks-.*old; ${units}`),
      ).toBe(`default\n${site.name}\nzz-somebody\n2 running`)
    })

    it('that was stopped with it is told not to start, by the line of that file', async () => {
      await root('systemctl disable --now --quiet nginx')
      const ran = await taskOn(host, provision)
      expect([ran.exitCode, ran.because, ran.hint]).toEqual([
        1,
        `Cannot serve sites with nginx, because nginx refuses its configuration at ${foreign}:2: unknown directive "lisen".`,
        `correct ${foreign}, then see: nginx -t`,
      ])
      await root(`rm ${foreign}`)
    })

    it('whose port somebody took is told who did', async () => {
      await root(`cp $(readlink -f $(command -v python3)) /usr/local/bin/apache2
        systemd-run --quiet --unit apache2 /usr/local/bin/apache2 -m http.server 80`)
      await until(() => root("ss -ltn 'sport = :80' | grep LISTEN"))
      const ran = await taskOn(host, provision)
      expect([ran.exitCode, ran.because, ran.hint]).toEqual([
        1,
        'Cannot serve sites with nginx, because "apache2" already listens on port 80.',
        'stop it for good: systemctl disable --now apache2',
      ])
      await root('systemctl stop apache2')
    })

    it('that was masked is told so, and that was stopped and disabled is started again, with what was refused before', async () => {
      await root('systemctl mask --quiet nginx')
      const masked = await taskOn(host, provision)
      expect([masked.because, masked.hint]).toEqual([
        'Cannot serve sites with nginx, because somebody masked nginx.service on the host.',
        'if nobody needs that any more: systemctl unmask nginx.service',
      ])
      await root('systemctl unmask --quiet nginx')
      const ran = await taskOn(host, deploy, { project, settings: { maxBodySize: '11m' } })
      expect([ran.because, await serving()]).toEqual([undefined, `${site.name}/3`])
      expect(stepsThat(ran, 'changed')).toContain('provision/nginx serves')
      expect(await root('systemctl is-enabled nginx; nginx -T 2>/dev/null | grep -c "client_max_body_size 11m"')).toBe(
        'enabled\n1',
      )
    })

    it('never has the unfinished file of one site before its eyes when another site is tried', async () => {
      await root(`printf '%s\\n' ${quote(slowTrial)} >/usr/local/sbin/nginx; chmod 755 /usr/local/sbin/nginx`)
      const bad = await exampleProject()
      await commitFiles(bad, { 'deploy_tools/nginx.template.conf': 'server {\n  junk;\n}\n' }, 'Junk')
      const [fine, refused] = await Promise.all([
        deployOn(host, { project, site: site.name, only: ['deploy'], settings: { maxBodySize: '13m' } }),
        deployOn(host, { project: bad, site: 'bad.example.com', only: ['deploy'] }),
      ])
      await root('rm /usr/local/sbin/nginx')
      await rm(bad, { recursive: true })
      expect([fine.failure, refused.failure?.message]).toEqual([
        undefined,
        'Cannot set up the site "bad.example.com" in nginx, because nginx refuses its configuration at /etc/nginx/sites-enabled/bad.example.com:2: unknown directive "junk".',
      ])
      const trials = (await root('cat /run/trials')).split('\n')
      expect(trials).toEqual(Array.from(trials, (_, index) => (index % 2 === 0 ? 'begins' : 'ends')))
      expect(trials).toHaveLength(14)
      expect(await root('ls -A /etc/nginx/sites-* /home/elspeth/sites')).not.toMatch(/bad\.example|\.old/)
    })

    it('forgets what a run that died was trying for another site', async () => {
      const path = '/etc/nginx/sites-available/died.example.com'
      const link = path.replace('available', 'enabled')
      const left = [path, link].map((each) => `ln -s /dev/null ${each.replace(/[^/]*$/, '')}${besideName(each, 'old')}`)
      await root(`${left.join('; ')}; echo junk >${path}; ln -s ${path} ${link}`)
      const ran = await taskOn(host, deploy, { project, settings: { maxBodySize: '12m' } })
      expect(ran.because).toBeUndefined()
      expect(await root('ls -A /etc/nginx/sites-*')).not.toMatch(/died|\.old/)
    })
  })

  describe('systemd', () => {
    it('with a masked unit is given the right one, and an instance that is masked is named', async () => {
      const unit = `gunicorn-${site.name}@`
      await root(`ln -sf /dev/null /etc/systemd/system/${unit}.service`)
      await commitFiles(project, { NOTE: 'three' }, 'Three')
      const corrected = await taskOn(host, deploy, { project })
      expect(corrected.because).toBeUndefined()
      const next = Number((await serving())?.split('/')[1]) + 1
      await root(`systemctl mask --quiet ${unit}${next}`)
      await commitFiles(project, { NOTE: 'four' }, 'Four')
      const masked = await taskOn(host, deploy, { project })
      expect([masked.because, masked.hint]).toEqual([
        `Cannot start release ${next} of "${site.name}", because somebody masked its unit on the host.`,
        `if nobody needs that any more: systemctl unmask ${unit}${next}.service`,
      ])
      await root(`systemctl unmask --quiet ${unit}${next}`)
    })

    it('that is slow to read its units is waited for', async () => {
      const folder = '/etc/systemd/system-generators'
      await root(`mkdir -p ${folder} && printf '#!/bin/sh\nsleep 3\n' >${folder}/slow && chmod 755 ${folder}/slow`)
      await commitFiles(project, { NOTE: 'five' }, 'Five')
      const ran = await taskOn(host, deploy, { project })
      await root(`rm ${folder}/slow`)
      expect(ran.because).toBeUndefined()
    })
  })
})

/** `nginx -t` that takes its time, and writes down when it begins and ends. */
const slowTrial = `#!/bin/sh
case " $* " in *" -t "*) ;; *) exec /usr/sbin/nginx "$@" ;; esac
echo begins >>/run/trials
sleep 0.5
/usr/sbin/nginx "$@"
trial=$?
echo ends >>/run/trials
exit $trial`

const outputOf = ({ events }: Ran) => events.flatMap((e) => (e.type === 'step.output' ? [e.text] : [])).join('')
const notes = ({ events }: Ran) => events.flatMap((e) => (e.type === 'note.told' ? [`${e.message} → ${e.hint}`] : []))

function onWaiting(act: () => Promise<unknown>): Required<Pick<TaskOptions, 'onEvent'>> {
  let acted = false
  return {
    onEvent: (event) => {
      if (acted || event.type !== 'step.output' || !event.text.includes('APT is used by')) return
      acted = true
      void act()
    },
  }
}

/** A repository on the host itself: packages `quick-…` do nothing, `slow-…` take until /run/go is there. */
const repository = `
mkdir -p /srv/repository && cd /srv/repository
pack() { # NAME POSTINST
  mkdir -p $1/DEBIAN $1/opt/$1
  printf 'Package: %s\\nVersion: 1\\nArchitecture: all\\nMaintainer: Edith <edith@example.com>\\nDescription: %s\\n' $1 $1 >$1/DEBIAN/control
  printf '#!/bin/sh\\n%s\\n' "$2" >$1/DEBIAN/postinst
  chmod 755 $1/DEBIAN/postinst
  [ $1 != big-one ] || head -c 5000000 /dev/urandom >$1/opt/$1/big
  dpkg-deb --build $1 >/dev/null
  { cat $1/DEBIAN/control; printf 'Filename: ./%s.deb\\nSize: %s\\nSHA256: %s\\n\\n' $1 $(stat -c %s $1.deb) $(sha256sum <$1.deb | cut -d ' ' -f 1); } >>Packages
}
for each in one two three; do
  pack quick-$each :
  pack slow-$each 'until [ -e /run/go ]; do sleep 0.1; done'
done
pack held-one :
pack big-one :
echo 'deb [trusted=yes] file:/srv/repository ./' >/etc/apt/sources.list.d/local.list
apt-get -q update -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/local.list -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0
mkdir -p /var/lib/tasks && : >/var/lib/tasks/apt-updated
`
