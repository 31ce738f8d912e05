import { type Debian, sandboxDown } from '../../src/sandbox/index.ts'
import { provisioned } from '../hosts/floors.ts'
import { floor, withHost } from '../hosts/host.ts'
import { Machine } from './machine.ts'
import { type Kind, type Planned, type Point, planOf, pointsOf } from './points.ts'
import { makeProject, type Project } from './project.ts'
import { attempt, deployed, type Result, reason, type Trial } from './trial.ts'
import { ask } from './visitor.ts'

/** A host that serves the project, ready to be cut. */
export interface Ground {
  readonly machine: Machine
  readonly project: Project
  /** The rows that the site {@link standing} holds. */
  readonly rows: readonly number[]
  /** What there is to cut. */
  readonly points: readonly Point[]
  remove(): Promise<void>
}

/** The one site that `change` points work on. */
export const standing = 'standing.example.com'

/** Boots a host, and deploys undisturbed to know what there is to cut, for each kind. */
export async function ground(kinds: readonly Kind[], debian: Debian): Promise<Ground> {
  const host = await withHost({ debian, from: await withWheels(debian) })
  const machine = new Machine(host)
  const project = await makeProject(machine.path(wheels))
  const remove = async () => {
    await project.remove()
    await sandboxDown(host.name)
  }
  const deploying = { machine, project, site: standing }
  const first = pointsOf('first', await undisturbed(deploying))
  if (!kinds.includes('change')) return { machine, project, rows: [], points: first, remove }
  let change: readonly Planned[] = []
  // The third release is the first one that has an older one to remove.
  for (const row of [1, 2]) {
    await add(machine, row)
    await project.next()
    change = await undisturbed(deploying)
  }
  const points = [...(kinds.includes('first') ? first : []), ...pointsOf('change', change)]
  return { machine, project, rows: [1, 2], points, remove }
}

interface Series {
  readonly debian: Debian
  readonly kinds: readonly Kind[]
  readonly choose: (points: readonly Point[]) => readonly Point[]
  readonly tell: (result: Result) => void
}

/** Tries points one after the other on the same ground, and tells each result. After a failure the rest has new ground. */
export async function series({ debian, kinds, choose, tell }: Series): Promise<readonly Result[]> {
  let here = await ground(kinds, debian)
  const results: Result[] = []
  for (const point of choose(here.points)) {
    if (point.kind === 'change') {
      here = { ...here, rows: [...here.rows, here.rows.length + 1] }
      await add(here.machine, here.rows.length)
      await here.project.next()
    }
    const result = await (point.kind === 'first' ? firstDeploy : changingDeploy)({ ...here, point })
    results.push(result)
    tell(result)
    if (result.failures.length === 0) continue
    await here.remove()
    here = await ground(kinds, debian)
  }
  await here.remove()
  return results
}

async function changingDeploy(trial: Pick<Trial, 'machine' | 'project' | 'point' | 'rows'>): Promise<Result> {
  return await attempt({ ...trial, site: standing })
}

/** Cuts the first deploy of a new site, and removes what became of it. */
async function firstDeploy({
  machine,
  project,
  point,
}: { readonly point: Point } & Pick<Ground, 'machine' | 'project'>) {
  const site = `first-${point.number}.example.com`
  const result = await attempt({ machine, project, point, site, rows: [] })
  await machine.sh(`site=${site}; ${removal}`)
  return result
}

async function undisturbed(deploying: Parameters<typeof deployed>[0]): Promise<readonly Planned[]> {
  const { exitCode, events } = await deployed(deploying)
  if (exitCode !== 0) throw new Error(`An undisturbed deploy ends with ${exitCode}: ${reason(events)}`)
  return planOf(events, deploying.site)
}

async function add({ host }: Machine, row: number): Promise<void> {
  const { status } = await ask(host.address, standing, `/add/${row}`)
  if (status !== 200) throw new Error(`Adding a row ends with ${status}`)
}

const wheels = '/var/tmp/wheels'

/** A floor that is provisioned and holds the packages that the project needs: pip then needs no network. */
async function withWheels(debian: Debian): Promise<string> {
  return await floor({
    name: 'wheels',
    debian,
    from: await provisioned(debian),
    make: async (host) => {
      const pip = '/tmp/pip/bin/pip --quiet --disable-pip-version-check'
      await new Machine(host).sh(`
        python3 -m venv /tmp/pip
        ${pip} download --dest ${wheels} 'Django>=5.2,<5.3' 'gunicorn>=23'
        rm -r /tmp/pip`)
    },
  })
}

const removal = `
systemctl disable --now --quiet "gunicorn-$site@1.service" "gunicorn-$site.service" 2>/dev/null || :
systemctl stop "gunicorn-$site@*" "gunicorn-$site.service"
rm -rf /etc/systemd/system/gunicorn-"$site"* /etc/nginx/sites-*/"$site" /home/elspeth/sites/"$site" /var/lib/tasks/sockets/"$site".sock
systemctl daemon-reload
systemctl reload nginx`
