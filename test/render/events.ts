import { type Counts, counted, noCounts } from '../../src/core/counts.ts'
import type { Event, Mode } from '../../src/core/event.ts'
import type { Outcome } from '../../src/core/outcome.ts'
import type { Verdict } from '../../src/core/step.ts'
import type { StepFinished } from '../../src/core/step-events.ts'

/** One step as a recording tells it: its verdict, what it said, and what else its end told. */
export interface Told {
  readonly task: string
  readonly name: string
  readonly title?: string
  readonly verdict: Verdict
  readonly preview?: string
  readonly output?: readonly string[]
  readonly end?: Partial<StepFinished>
}

interface Recording {
  readonly mode?: Mode
  readonly hosts?: readonly string[]
  readonly steps: readonly Told[]
  /** Told between the last step and the end of the run. */
  readonly more?: readonly Event[]
  readonly outcome?: Outcome
  readonly took?: number
}

/** The events of a whole run, as every host of it tells them. */
export function recorded({
  mode = 'run',
  hosts = ['web1'],
  steps,
  more = [],
  outcome = 'done',
  took = 41_200,
}: Recording): readonly Event[] {
  const tasks = [...new Set(steps.map((step) => step.task))]
  const all = hosts.flatMap(() => steps.map((step) => step.verdict))
  return [
    { type: 'run.started', run: 'r1', mode, tasks, hosts, at: '2026-11-22T10:00:00Z' },
    ...hosts.flatMap((host) => connected(host, steps)),
    ...hosts.flatMap((host) => oneAfterTheOther(host, steps)),
    ...more,
    ...hosts.map(
      (host): Event => ({ type: 'host.finished', host, outcome, counts: countsOf(steps.map((step) => step.verdict)) }),
    ),
    ended({ mode, outcome, took, counts: countsOf(all) }),
  ]
}

export function connected(host: string, steps: readonly Told[]): readonly Event[] {
  return [
    { type: 'host.connecting', host, address: '203.0.113.10' },
    { type: 'host.connected', host, user: 'elspeth' },
    {
      type: 'steps.planned',
      host,
      steps: steps.map(({ task, name, title = name }) => ({ task, step: `${task}/${name}`, title })),
    },
  ]
}

function oneAfterTheOther(host: string, steps: readonly Told[]): readonly Event[] {
  let began = 0
  return steps.flatMap((step) => {
    const events = stepEvents(host, step, began)
    began += step.end?.took ?? usualTime
    return events
  })
}

/** Milliseconds. */
const usualTime = 12

export function stepEvents(host: string, told: Told, began = 0): readonly Event[] {
  const { task, name, title = name, verdict, preview, output = [], end } = told
  const of = { host, task, step: `${task}/${name}`, title }
  const hasApply = verdict === 'changed' || (verdict === 'failed' && output.length > 0)
  return [
    { type: 'step.started', ...of, elapsed: began },
    ...(preview === undefined ? [] : [{ type: 'step.previewed', ...of, text: preview } as const]),
    ...(hasApply ? [{ type: 'step.applying', ...of } as const] : []),
    ...output.map((text): Event => ({ type: 'step.output', ...of, text })),
    { type: 'step.finished', ...of, verdict, took: usualTime, elapsed: began + (end?.took ?? usualTime), ...end },
  ]
}

export function ended({
  mode = 'run',
  outcome,
  took = 41_200,
  counts,
}: {
  readonly mode?: Mode
  readonly outcome: Outcome
  readonly took?: number
  readonly counts: Counts
}): Event {
  const wire = { connections: 1, channels: 1, requests: 2, bytesSent: 23_412, bytesReceived: 1_241_231 }
  return { type: 'run.finished', run: 'r1', mode, outcome, counts, wire, took }
}

export function countsOf(verdicts: readonly Verdict[]): Counts {
  return verdicts.reduce(counted, noCounts)
}

/** A deploy that changes some, leaves some, and warns. */
export const deploySteps: readonly Told[] = [
  { task: 'provision', name: 'apt', title: 'apt knows its packages', verdict: 'met' },
  {
    task: 'provision',
    name: 'packages',
    title: 'packages nginx, git',
    verdict: 'changed',
    output: ['Reading package lists...\nUnpacking nginx', ' (1.22.1-9) ...\n'],
    end: { took: 12_300 },
  },
  { task: 'provision', name: 'user', title: 'user elspeth', verdict: 'met' },
  { task: 'deploy', name: 'source', title: 'source of 3f2a1c9', verdict: 'changed' },
  { task: 'deploy', name: 'media', title: 'folder for uploads', verdict: 'skipped', end: { because: 'you said skip' } },
  { task: 'deploy', name: 'switch', title: 'staging.example.com serves release <release>', verdict: 'changed' },
]

const deployedBeforeValues: readonly Event[] = [
  { type: 'note.told', level: 'note', message: 'Django 5.2 in src/, settings superlists.settings' },
  ...recorded({
    steps: deploySteps,
    more: [
      {
        type: 'note.told',
        level: 'warning',
        host: 'web1',
        task: 'deploy',
        message: 'SECURE_HSTS_SECONDS is not set.',
        hint: 'set it in the settings',
      },
      { type: 'release.switched', host: 'web1', site: 'staging.example.com', release: 8, commit: '3f2a1c9d0e4b' },
    ],
  }),
]

export const deployed: readonly Event[] = deployedBeforeValues.flatMap((event): readonly Event[] =>
  event.type === 'steps.planned' ? [event, { type: 'value.set', host: 'web1', name: 'release', value: '8' }] : [event],
)

const nginxDiff = `--- /etc/nginx/nginx.conf
+++ /etc/nginx/nginx.conf
@@ -1,3 +1,3 @@
 user www-data;
-worker_processes auto;
+worker_processes 2;
 pid /run/nginx.pid;
`

export const dryRun: readonly Event[] = recorded({
  mode: 'dry-run',
  steps: [
    { task: 'provision', name: 'apt', title: 'apt knows its packages', verdict: 'met' },
    {
      task: 'provision',
      name: 'packages',
      title: 'packages nginx, git',
      verdict: 'would change',
      preview: 'nginx\ngit\n',
    },
    {
      task: 'provision',
      name: 'nginx.conf',
      title: 'nginx takes long names',
      verdict: 'would change',
      preview: nginxDiff,
    },
    {
      task: 'provision',
      name: 'nginx',
      title: 'nginx runs',
      verdict: 'after',
      end: { after: ['provision/packages', 'provision/nginx.conf'] },
    },
    {
      task: 'deploy',
      name: 'site',
      title: 'nginx serves staging.example.com',
      verdict: 'after',
      end: { after: ['provision/packages'] },
    },
  ],
})

export const nothingToDo: readonly Event[] = recorded({
  steps: Array.from({ length: 35 }, (_, index) => ({
    task: index < 31 ? 'provision' : 'deploy',
    name: `fact ${index}`,
    verdict: 'met',
  })),
})

const because = 'Cannot migrate "staging.example.com", because lists.0003_unique breaks a constraint.'

/** A step fails; the run tells the same failure again, in full. */
export const failed: readonly Event[] = recorded({
  outcome: 'failed',
  steps: [
    { task: 'deploy', name: 'source', title: 'source of 3f2a1c9', verdict: 'changed' },
    {
      task: 'deploy',
      name: 'migrations',
      title: 'migrations are applied',
      verdict: 'failed',
      output: ['Applying lists.0003_unique...\n'],
      end: { because, output: 'Applying lists.0003_unique...\nIntegrityError: UNIQUE constraint failed\n' },
    },
  ],
  more: [
    {
      type: 'run.failed',
      code: 'failed',
      message: because,
      hint: 'remove the double rows, then run: tasks deploy --site staging.example.com',
      host: 'web1',
      task: 'deploy',
      step: 'deploy/migrations',
    },
  ],
}).flatMap((event): readonly Event[] => {
  if (event.type !== 'steps.planned') return [event]
  const left = { task: 'verify', step: 'verify/page', title: 'the page is served' }
  return [{ ...event, steps: [...event.steps, left] }]
})
