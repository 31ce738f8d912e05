import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SandboxHost } from '../../src/sandbox/index.ts'
import { run } from '../../src/sandbox/shell.ts'
import { deploy } from '../../tasks/deploy.ts'
import { commitFiles } from '../kinds/index.ts'
import { page } from './deploy-on.ts'
import { exampleProject, provisioned, type Ran, site, type TaskOptions, taskOn } from './floors.ts'
import { onHostsAtLength, ssh, withHost } from './host.ts'
import { leftOn } from './left-behind.ts'

const folder = `/home/elspeth/sites/${site.name}`
const example = (path: string) => readFileSync(join(import.meta.dirname, '../../examples/django', path), 'utf8')

// The site has a small disk of its own. The file "full" fills it, but for so many KiB.
const fill = (kib = 0) => `cd ${folder} && fallocate -l $(($(df -k --output=avail . | tail -n 1) - ${kib}))K full`
const empty = `rm -f ${folder}/full`

onHostsAtLength('a release that cannot be built', () => {
  let host: SandboxHost
  let project: string
  /** The release that serves. */
  let serving = 1
  beforeAll(async () => {
    host = await withHost({ debian: 12, from: await provisioned(12) })
    project = await exampleProject()
    await asRoot(
      `mkdir -p ${folder} && mount -t tmpfs -o size=500m,nr_inodes=50k,mode=755,uid=elspeth,gid=elspeth tmpfs ${folder}`,
    )
    await wanted()
  })
  afterAll(() => rm(project, { recursive: true, force: true }))

  async function asRoot(text: string): Promise<void> {
    const { code, stderr } = await ssh(host, text, 'root')
    if (code !== 0) throw new Error(`${text}\n${stderr}`)
  }

  function deployed(options: TaskOptions = {}): Promise<Ran> {
    return taskOn(host, deploy, { project, only: ['deploy'], settings: { healthHold: 0 }, ...options })
  }

  /** Deploys, and sees the release that was deployed last serve. */
  async function wanted(): Promise<Ran> {
    const ran = await deployed()
    expect([ran.because, ran.exitCode]).toEqual([undefined, 0])
    serving = Math.max(
      serving,
      ...ran.events.flatMap((event) => (event.type === 'release.switched' ? event.release : [])),
    )
    await serves()
    return ran
  }

  async function serves(): Promise<void> {
    const { status, headers, body } = await page(host, site.name)
    expect([status, headers['x-release'], body]).toEqual([
      200,
      `${site.name}/${serving}`,
      expect.stringContaining('To-Do'),
    ])
  }

  interface Fault {
    /** What is done to the host before, and what takes it away. */
    readonly broken?: string
    readonly mended?: string
    /** Or where in the deploy it is done. */
    readonly at?: string
    readonly because: string | RegExp
    readonly hint?: string
  }

  /** Deploys with a fault: it fails with these words, the release before serves, and nothing is left of the new one. */
  async function fails({ broken = ':', mended = ':', at, because, hint }: Fault): Promise<void> {
    const before = await leftOn(host)
    if (at === undefined) await asRoot(broken)
    const ran = await deployed(at === undefined ? {} : { mode: 'step', ask: { step: breaking(at, broken) } })
    await asRoot(mended)
    expect(ran).toMatchObject({
      exitCode: 1,
      because:
        typeof because === 'string' ? because.replace('<next>', String(serving + 1)) : expect.stringMatching(because),
    })
    if (hint !== undefined) expect(ran.hint).toBe(hint)
    await serves()
    expect(await leftOn(host)).toEqual(before)
  }

  /** Breaks something just before a step is applied. */
  function breaking(at: string, broken: string) {
    return async ({ step }: { readonly step: string }) => {
      if (step === `deploy/${at}`) await asRoot(broken)
      return 'apply' as const
    }
  }

  async function commit(files: Readonly<Record<string, string>>): Promise<void> {
    await commitFiles(project, files, 'A change')
  }

  async function withoutTheCommit(): Promise<void> {
    await run(['git', '-C', project, 'reset', '--quiet', '--hard', 'HEAD~1'])
  }

  const cannot = `Cannot build release <next> of "${site.name}", because`
  const full = `${cannot} the disk is full: 0 KiB are free at "${folder}".`
  const styles = (n: number) => ({ 'lists/static/lists/lists.css': `p { margin: ${n}px }\n` })

  describe('for its disk', () => {
    it('says how much is free and how much is wanted before it does anything, in a dry run too', async () => {
      await commit(styles(1))
      await asRoot(fill(20 * 1024))
      const dry = await deployed({ mode: 'dry-run' })
      expect(dry.because).toMatch(
        /^Cannot build release 2 of "staging\.example\.com", because 20 MiB are free at "\/home\/elspeth\/sites\/staging\.example\.com\/releases" and about 3\d MiB are wanted\.$/,
      )
      await fails({
        because: dry.because ?? '',
        hint: `run on the host: df -h ${folder}/releases; app.keepReleases says how many releases stay`,
      })
    })

    it('asks for no room where nothing is to be made', async () => {
      await withoutTheCommit()
      expect((await wanted()).counts).toMatchObject({ changed: 0 })
      await asRoot(empty)
    })

    it('takes the number of files for room, too', async () => {
      await commit(styles(2))
      const resize = (more: number) =>
        `mount -o remount,nr_inodes=$(($(df --output=iused ${folder} | tail -n 1) + ${more})) ${folder}`
      await fails({
        broken: resize(100),
        mended: resize(40_000),
        because: `${cannot} the disk takes 100 more files at "${folder}/releases" and about 1072 are wanted.`,
        hint: `run on the host: df -i ${folder}/releases; app.keepReleases says how many releases stay`,
      })
    })

    it('tells of a disk that is filled while the source is written', async () => {
      const hook = `${folder}/repository.git/hooks/reference-transaction`
      await fails({
        broken: `printf '#!/bin/sh\\n[ -e ${folder}/full ] || { ${fill()}; }\\n' >${hook} && chmod 755 ${hook}`,
        mended: `rm ${hook}; ${empty}`,
        because: full,
        hint: `run on the host: df -h ${folder}`,
      })
    })

    it.each(['release folder', 'release environment', 'static files'])(
      'tells of one that is full when the step "%s" begins',
      async (at) => {
        await fails({ at, broken: fill(), mended: empty, because: full })
      },
    )

    it('tells of one that cannot be written to', async () => {
      await fails({
        broken: `mount -o remount,ro ${folder}`,
        mended: `mount -o remount,rw ${folder}`,
        because: `Cannot make the folder of "${site.name}", because a file system of the host is read-only.`,
        hint: 'run on the host: findmnt -O ro; sudo dmesg | tail',
      })
      await wanted()
      expect(serving).toBe(2)
    })
  })

  describe('for its packages', () => {
    const requirements = (text: string) => ({ 'requirements.txt': text })

    it('tells of a disk that pip fills', async () => {
      await commit({
        ...vendored(`    open("${folder}/full", "wb").write(bytes(600_000_000))`),
        ...requirements('./vendor\n'),
      })
      await fails({ mended: empty, because: full })
    })

    it('tells that a package cannot be built, and why', async () => {
      await commit(vendored('    raise RuntimeError("no luck")'))
      await fails({
        because: 'Cannot install "./vendor", because it cannot be built: RuntimeError: no luck.',
        hint: 'ask for a version that has a wheel for this Python, or correct what its build misses',
      })
    })

    it('tells that the memory did not suffice for a compiler', async () => {
      await commit(vendored('    import os, signal; os.kill(os.getpid(), signal.SIGKILL)'))
      await fails({
        because: `${cannot} the host ran out of memory.`,
        hint: 'add memory or swap to the host; to see what was ended: sudo journalctl -k | grep -i "out of memory"',
      })
    })

    it('tells that a package is not the one that was meant', async () => {
      const lines = ['tiny', 'gunicorn'].map((name) => `${name}==1.0 --hash=sha256:${'0'.repeat(64)}\n`)
      await commit({
        'wheels/tiny-1.0-py3-none-any.whl': 'not the one that was meant',
        'wheels/gunicorn-1.0-py3-none-any.whl': 'nor this one',
        ...requirements(`--no-index\n--find-links wheels\n${lines.join('')}`),
      })
      await fails({
        because: 'Cannot install the requirements, because a package does not match its hash.',
        hint: 'make the hashes in the requirements anew',
      })
    })

    it('tells that the index has no such version', async () => {
      await commit(requirements('--no-index\ntiny==2.0\ngunicorn==1.0\n'))
      await fails({
        because: 'Cannot install "tiny==2.0", because the package index has no such version for Python 3.11.',
        hint: 'check the name and the version in the requirements',
      })
    })

    it('tells that the index is gone, and goes on when it is back', async () => {
      await commit(requirements(`${example('requirements.txt')}\n# anew\n`))
      await fails({
        ...pipFrom('http://127.0.0.1:9/'),
        because: 'Cannot install "Django<5.3,>=5.2", because this host does not reach the package index.',
        hint: "check the host's network, and its /etc/pip.conf",
      })
    })

    it("tells of a certificate that is not valid yet by the host's clock", async () => {
      await asRoot(indexOfTomorrow)
      await fails({
        ...pipFrom('https://127.0.0.1:4443/'),
        because:
          "Cannot install the requirements, because the package index's certificate is not valid at the time that this host's clock tells.",
        hint: 'look at the clock on the host: timedatectl; to let it be set: sudo timedatectl set-ntp true',
      })
      await wanted()
      expect(serving).toBe(3)
    })
  })

  describe('for its database', () => {
    const rows = async () =>
      (await ssh(host, asElspeth(`print(db.execute("select text from lists_item order by id").fetchall())`))).stdout
    beforeAll(async () => {
      const insert = `db.executescript("insert into lists_list values (1, '2026-01-01'); insert into lists_item values (1, 'bread', 0, 1)")`
      expect(await ssh(host, asElspeth(insert))).toMatchObject({ code: 0 })
    })

    it('names the migration that fails half way, and where the database from before is', async () => {
      const half = `
def half(apps, schema_editor):
    schema_editor.execute("update lists_item set text = 'toast'")
    raise ValueError("no such luck")
`
      await commit(migration('0002_half', 'migrations.RunPython(half)', `${half}\n`))
      await fails({
        because: `Cannot migrate the database of "${site.name}", because the migration lists.0002_half fails: ValueError: no such luck.`,
        hint: `correct the migration or the rows that it trips over, commit, and deploy again: the release before goes on serving; the database from before is in ${folder}/database/db.sqlite3.before-release-4`,
      })
      expect(await rows()).toBe("[('toast',)]\n")
      const copy = `sqlite3.connect("${folder}/database/db.sqlite3.before-release-4")`
      expect((await ssh(host, asElspeth(`${copy}.backup(db)`))).code).toBe(0)
      expect(await rows()).toBe("[('bread',)]\n")
    })

    it('keeps the first copy of a migration that is tried again', async () => {
      await fails({
        because: `Cannot migrate the database of "${site.name}", because the migration lists.0002_half fails: ValueError: no such luck.`,
      })
      const copies = await ssh(host, `ls ${folder}/database`, 'root')
      expect(copies.stdout).toBe('db.sqlite3\ndb.sqlite3.before-release-4\ndb.sqlite3.before-release-4.first\n')
      expect((await ssh(host, asElspeth(`db.execute("update lists_item set text = 'bread'"); db.commit()`))).code).toBe(
        0,
      )
    })

    it('tells of a disk that the migration fills', async () => {
      await commit(migration('0002_half', 'migrations.RunSQL("create table big as select randomblob(9000000)")'))
      await fails({ at: 'migrated', broken: fill(4096), mended: empty, because: `${cannot} the disk is full.` })
      expect(await rows()).toBe("[('bread',)]\n")
    })

    it('tells that the memory did not suffice for a migration', async () => {
      await commit(
        migration(
          '0002_half',
          'migrations.RunPython(lambda *_: os.kill(os.getpid(), signal.SIGKILL))',
          'import os\nimport signal\n',
        ),
      )
      await fails({ because: `${cannot} the host ran out of memory.` })
    })

    it('is migrated once the migration is right, and has its rows', async () => {
      await commit(migration('0002_half', 'migrations.RunSQL("select 1")'))
      await wanted()
      expect(serving).toBe(4)
      expect(await rows()).toBe("[('bread',)]\n")
    })
  })

  describe('for its static files', () => {
    it('names the file that is not there', async () => {
      const storage =
        'STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}'
      await commit({
        'superlists/settings.py': `${example('superlists/settings.py')}\n${storage}\n`,
        'lists/static/lists/lists.css': 'body { background: url("missing.png") }\n',
      })
      await fails({
        because:
          /^Cannot collect the static files of "staging\.example\.com", because ValueError: The file 'lists\/missing\.png' could not be found with <\S+ManifestStaticFilesStorage object at \w+>\.$/,
        hint: 'try it on this machine: python manage.py collectstatic --dry-run --noinput',
      })
    })
  })

  describe('or cannot be switched to', () => {
    it('tells of a disk that is full once the release is asked for its health', async () => {
      await commit({ 'superlists/settings.py': example('superlists/settings.py'), ...styles(5) })
      await fails({
        at: 'healthy',
        broken: fill(),
        mended: empty,
        because: `Cannot serve release <next> of "${site.name}", because the disk is full: 0 KiB are free at "${folder}".`,
      })
    })

    it('is switched to on a disk that is full by then', async () => {
      const ran = await deployed({ mode: 'step', ask: { step: breaking('switched', fill()) } })
      expect([ran.because, ran.exitCode]).toEqual([undefined, 0])
      serving += 1
      await serves()
      await asRoot(empty)
      expect((await wanted()).counts).toMatchObject({ changed: 0 })
    })

    it('is not switched to on a disk that cannot be written to by then, and is taken up again later', async () => {
      await commit(styles(9))
      const broken = `mount -o remount,ro ${folder}`
      const ran = await deployed({ mode: 'step', ask: { step: breaking('switched', broken) } })
      expect([ran.exitCode, ran.because]).toEqual([
        1,
        `Cannot switch "${site.name}" to release ${serving + 1}, because a file system of the host is read-only.`,
      ])
      await serves()
      await asRoot(`mount -o remount,rw ${folder}`)
      expect((await wanted()).verdicts['deploy/static files']).toBe('met')
    })
  })

  describe('for what stands in its way', () => {
    beforeAll(() => commit(styles(6)))
    const away = (name: string) => `mv ${folder}/${name} ${folder}/${name}.away`
    const back = (name: string) => `rm -f ${folder}/${name} && mv ${folder}/${name}.away ${folder}/${name}`

    it.each(['env', 'media', 'virtualenvs'])('names a file that is in the place of "%s"', async (name) => {
      await fails({
        broken: `${away(name)} && touch ${folder}/${name}`,
        mended: back(name),
        because: `Cannot make the folder of "${site.name}", because "${folder}/${name}" is no folder.`,
        hint: `look at it, and move it away: mv ${folder}/${name} ${folder}/${name}.old`,
      })
    })

    it('names a link that leads to itself', async () => {
      await fails({
        broken: `${away('media')} && ln -s media ${folder}/media`,
        mended: back('media'),
        because: `Cannot make the folder of "${site.name}", because the symbolic link "${folder}/media" leads to no folder: media.`,
        hint: `make it lead to one, mount what it leads to, or remove it: rm ${folder}/media`,
      })
    })

    it('names a file in the place of all releases, though none can serve then', async () => {
      await asRoot(`${away('releases')} && touch ${folder}/releases`)
      const ran = await deployed()
      await asRoot(back('releases'))
      expect(ran.because).toBe(`Cannot make the folder of "${site.name}", because "${folder}/releases" is no folder.`)
      await serves()
    })

    it('names the folder that its user may not go through, and goes on once provision has mended it', async () => {
      await asRoot('chmod 000 /home/elspeth/sites')
      const ran = await deployed()
      expect([ran.because, ran.hint]).toEqual([
        `Cannot make the folder of "${site.name}", because its user may not do that to "/home/elspeth/sites".`,
        'look at the owner and the mode: namei -l /home/elspeth/sites',
      ])
      const whole = await deployed({ only: ['provision'] })
      expect([whole.because, whole.exitCode]).toEqual([undefined, 0])
      await serves()
    })

    it("says that the sites' folder is somebody else's", async () => {
      const sites = '/home/elspeth/sites'
      await asRoot(`chown root ${sites} && chmod 700 ${sites}`)
      const ran = await deployed({ only: ['provision'] })
      await asRoot(`chown elspeth: ${sites} && chmod 755 ${sites}`)
      expect([ran.because, ran.hint]).toEqual([
        `Cannot make the folder "<home>/sites", because its user may not do that to "${sites}".`,
        `look at the owner and the mode: namei -l ${sites}`,
      ])
    })

    it('goes on beside a file that has the name of its number', async () => {
      await asRoot(`touch ${folder}/releases/${serving + 1}`)
      await wanted()
    })

    it('makes its own what root made of the folders', async () => {
      await asRoot(`cd ${folder} && chown -R root:root releases env repository.git && chown root:root . media database`)
      await commit(styles(7))
      await wanted()
      const { stdout } = await ssh(host, `find ${folder} -user root`, 'root')
      expect(stdout).toBe('')
    })

    it('mends a switch that leads to itself', async () => {
      await asRoot(`ln -sfn current ${folder}/current`)
      await wanted()
    })
  })

  it('takes files from tomorrow and from long ago as they are', async () => {
    for (const when of ['tomorrow', '2001-01-01']) {
      await asRoot(`find ${folder} -exec touch -h -d '${when}' {} +`)
      expect((await wanted()).counts).toMatchObject({ changed: 0 })
    }
    await commit(styles(8))
    await wanted()
  })

  it('left no commit in the repository but those of the releases that are there', async () => {
    const git = `git --git-dir=${folder}/repository.git`
    const { stdout } = await ssh(host, `${git} for-each-ref --format='%(refname)' | sort; ls -d ${folder}/releases/*`)
    const [refs, folders] = ['refs', folder].map((start) =>
      stdout.split('\n').flatMap((line) => (line.startsWith(start) ? [line.replace(/.*\/releases\//, '')] : [])),
    )
    expect(refs?.toSorted()).toEqual(folders?.toSorted())
    expect(await ssh(host, `${git} fsck --connectivity-only`)).toMatchObject({ code: 0 })
  })
})

/** Python of the site's user on its database, `db`. */
function asElspeth(text: string): string {
  return `python3 -c 'import sqlite3; db = sqlite3.connect("${folder}/database/db.sqlite3"); ${text.replaceAll("'", `'"'"'`)}'`
}

/** A migration of the example's app that is not atomic, as those that touch much are. */
function migration(name: string, operation: string, before = ''): Readonly<Record<string, string>> {
  return {
    [`lists/migrations/${name}.py`]: `${before}from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("lists", "0001_initial")]
    operations = [${operation}]
`,
  }
}

/** A package in the source whose build does this. */
function vendored(build: string): Readonly<Record<string, string>> {
  return {
    'vendor/pyproject.toml': `[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "vendored"
version = "1.0"
`,
    'vendor/backend.py': `def build_wheel(*words, **more):\n${build}\n`,
  }
}

/** pip's own configuration on the host, and what it was before. */
function pipFrom(index: string) {
  return {
    broken: `[ ! -e /etc/pip.conf ] || mv /etc/pip.conf /etc/pip.conf.away; printf '[global]\nindex-url = ${index}\nretries = 1\ncert = /etc/index/cert.pem\n' >/etc/pip.conf`,
    mended: 'rm /etc/pip.conf; [ ! -e /etc/pip.conf.away ] || mv /etc/pip.conf.away /etc/pip.conf',
  }
}

/** An index that is served with a certificate which begins in some years, and is trusted. */
const indexOfTomorrow = `set -e
mkdir /etc/index && cd /etc/index
touch known && echo 01 >serial
printf '%s\n' '[ca]' 'default_ca = own' '[own]' database=known serial=serial new_certs_dir=. default_md=sha256 policy=any copy_extensions=copy '[any]' commonName=supplied >ca.cnf
openssl req -newkey rsa:2048 -nodes -keyout key.pem -out csr.pem -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1
openssl ca -batch -config ca.cnf -selfsign -keyfile key.pem -in csr.pem -out cert.pem -startdate 20400101000000Z -enddate 20410101000000Z -notext
systemd-run --quiet --unit index --working-directory /etc/index openssl s_server -accept 127.0.0.1:4443 -cert cert.pem -key key.pem -WWW -quiet
until (: </dev/tcp/127.0.0.1/4443) 2>/dev/null; do sleep 0.1; done`
