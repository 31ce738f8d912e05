import { describe, expect, it } from 'vitest'
import type { Event } from '../../src/core/event.ts'
import { failureLines } from '../../src/render/failures.ts'
import { paintWith } from '../../src/render/style.ts'
import { countsOf, ended, failed, recorded } from './events.ts'
import { drawing, rendered } from './terminal.ts'

const block = `
✖ Cannot migrate "staging.example.com", because lists.0003_unique breaks a constraint.
  web1 › deploy › migrations are applied
  | Applying lists.0003_unique...
  | IntegrityError: UNIQUE constraint failed
  → remove the double rows, then run: tasks deploy --site staging.example.com
`

describe('a failure', () => {
  it('is one block: the sentence, where, what the machine said, the way out', async () => {
    const streams = await rendered(failed, { kind: 'plain' })
    expect(streams.text('stderr')).toBe(`web1  connecting to 203.0.113.10
web1  deploy  source of 3f2a1c9 … changed
web1  deploy  migrations are applied … failed
${block}`)
    expect(streams.text('stdout')).toBe('Failed: 1 changed, 1 failed, 1 not reached (41 s).\n')
  })

  it.each(['plain', 'tree'] as const)(
    'is told once in %s, although the step and the run both tell it',
    async (kind) => {
      const streams = await rendered(failed, { kind })
      expect(streams.text().split('Cannot migrate')).toHaveLength(2)
      expect(streams.text('stderr').endsWith(block)).toBe(true)
    },
  )

  it('is told with --quiet too', async () => {
    const streams = await rendered(failed, { kind: 'plain', level: 'quiet' })
    expect(streams.text()).toBe(block)
  })

  it('of a step is told when the run tells no more of it', async () => {
    const steps = [
      {
        task: 'go',
        name: 'mount',
        title: 'the disk is mounted',
        verdict: 'unknown',
        end: { output: 'still waiting\n' },
      },
    ] as const
    const streams = await rendered(recorded({ outcome: 'failed', steps }), { kind: 'plain' })
    expect(streams.text('stderr')).toContain(`
✖ Cannot tell whether it is so: the disk is mounted.
  web1 › go › the disk is mounted
  | still waiting
`)
  })

  it('shows of a very long line its two ends', () => {
    const output = `ERROR: no version 9 (from versions: ${'1.2.3, '.repeat(100)}8.0)`
    const [, shown = ''] = failureLines({ message: 'Cannot.', where: [], output }, paintWith(false))
    expect(shown).toMatch(/^ {2}\| ERROR: no version 9 .{200,} \[…\] .* 8\.0\)$/)
    expect(shown.length).toBeLessThan(400)
  })

  it('that came to a good end in the last pass is not told', async () => {
    const of = { host: 'web1', task: 'go', step: 'go/a', title: 'a' }
    const events: readonly Event[] = [
      { type: 'step.finished', ...of, verdict: 'failed', because: 'It did not.', took: 1, elapsed: 1 },
      { type: 'step.finished', ...of, verdict: 'met', took: 1, elapsed: 1 },
      ended({ outcome: 'done', counts: countsOf(['met']) }),
    ]
    expect((await rendered(events, { kind: 'plain' })).text('stderr')).not.toContain('✖')
  })

  it.each(['plain', 'tree'] as const)(
    'before anything was planned needs no more than its sentence, in %s',
    async (kind) => {
      const message = 'Cannot reach "web1" (203.0.113.7:22): its host key changed since last time.'
      const hint = "compare it with your provider's console, then run: tasks hosts trust web1"
      const events: readonly Event[] = [
        { type: 'run.started', run: 'r1', mode: 'run', tasks: ['provision'], hosts: ['web1'], at: '' },
        { type: 'run.failed', code: 'refused', message, hint, host: 'web1' },
        { type: 'host.finished', host: 'web1', outcome: 'failed', counts: countsOf([]) },
        ended({ outcome: 'failed', took: 300, counts: countsOf([]) }),
      ]
      const streams = await rendered(events, { kind })
      expect(streams.text('stderr').trim()).toBe(`✖ ${message}\n  web1\n  → ${hint}`)
      expect(streams.text('stdout')).toBe('Failed (0.3 s).\n')
    },
  )

  it('is told although the run never came to its end', async () => {
    const streams = await rendered(failed.slice(0, -2), { kind: 'tree' })
    expect(streams.text('stderr').endsWith(block)).toBe(true)
  })

  it('stands below the tree on a terminal, its row among the others', async () => {
    const { renderer, draw, screen } = drawing({ columns: 100 })
    await draw(...failed)
    await renderer.end()
    expect(await screen()).toBe(`web1  elspeth@203.0.113.10
✖ deploy  1 changed, 1 failed
  ✔ source of 3f2a1c9  changed
  ✖ migrations are applied  failed
○ verify  1 not reached

Failed: 1 changed, 1 failed, 1 not reached (41 s).
${block.trimEnd()}`)
  })

  it('can be shown before there is a run', () => {
    const lines = failureLines(
      { message: 'tasks.config.ts: hosts.web1.prot: unknown key.', where: [], hint: 'did you mean "port"?' },
      paintWith(false),
    )
    expect(lines).toEqual(['✖ tasks.config.ts: hosts.web1.prot: unknown key.', '  → did you mean "port"?'])
  })
})
