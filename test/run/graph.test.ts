import { describe, expect, it } from 'vitest'
import { param } from '../../src/config/param.ts'
import { extendTask } from '../../src/core/extend.ts'
import { withStandIns } from '../../src/core/stand-ins.ts'
import { step } from '../../src/core/step.ts'
import { type AnyTask, call, defineTask } from '../../src/core/task.ts'
import { plan } from '../../src/run/graph.ts'

const task = (name: string, needs: Readonly<Record<string, AnyTask>> = {}, then: readonly AnyTask[] = []): AnyTask =>
  defineTask({ name, summary: name, needs, then })

const names = (asked: AnyTask, only: readonly string[] = []) =>
  plan({ roots: [{ task: asked, params: {} }], only }).map((planned) => planned.task.name)

describe('a plan', () => {
  const server = task('server')
  const database = task('database', { server })
  const cache = task('cache', { server })
  const check = task('check', { database })
  const site = task('site', { database, cache }, [check])

  it('does what a task needs before it, what follows it after it, and each task once', () => {
    expect(names(site)).toEqual(['server', 'database', 'cache', 'site', 'check'])
  })

  it('does not do what follows a task that was only needed', () => {
    expect(names(task('all', { site }))).toEqual(['server', 'database', 'cache', 'site', 'all'])
  })

  it('is narrowed to some tasks in their own order', () => {
    expect(names(site, ['check', 'database'])).toEqual(['database', 'check'])
  })

  it('refuses to be narrowed to a task that is not in it, and names those that are', () => {
    expect(() => names(site, ['site', 'sites'])).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: 'Cannot narrow "site" to "sites", because that is not part of it.',
        hint: 'use one of: server, database, cache, site, check',
      }),
    )
  })

  it('refuses tasks that need each other, and shows the circle', () => {
    const needs: Record<string, AnyTask> = {}
    const first = task('first', needs)
    needs.last = task('last', { middle: task('middle', { first }) })
    expect(() => names(first)).toThrow('The tasks first -> last -> middle -> first need each other in a circle.')
  })

  it('gives each task the arguments that it declares, its own default where none is given', () => {
    const param = (fallback?: unknown) => ({
      kind: 'param' as const,
      summary: '',
      isRequired: false,
      parse: (text: string) => text,
      ...(fallback !== undefined && { default: fallback }),
    })
    const needed = defineTask({ name: 'needed', summary: '', params: { site: param() } })
    const asked = defineTask({
      name: 'asked',
      summary: '',
      needs: { needed },
      params: { site: param(), ref: param('HEAD') },
    })
    const planned = plan({ roots: [{ task: asked, params: { site: 'example.com', stranger: 1 } }], only: [] })
    expect(planned.map(({ params }) => params)).toEqual([{ site: 'example.com' }, { site: 'example.com', ref: 'HEAD' }])
  })

  it('of several tasks has each with equal arguments once, where it is first needed, and more where they differ', () => {
    const table = param.text({ default: 'all' })
    const dump = defineTask({ name: 'dump', summary: '', params: { table } })
    const copy = defineTask({ name: 'copy', summary: '', needs: { dump } })
    const labels = (...tables: readonly string[]) =>
      plan({
        roots: [...tables.map((name) => ({ task: dump, params: { table: name } })), { task: copy, params: {} }],
        only: [],
      })
    expect(labels('all', 'all').map(({ label }) => label)).toEqual(['dump', 'copy'])
    const [first, second] = labels('all')
    expect(second?.needs.dump === first).toBe(true)
    expect(labels('users').map(({ label }) => label)).toEqual(['dump', 'dump (2)', 'copy'])
  })

  it('of several tasks is narrowed as a whole', () => {
    const roots = [cache, site].map((one) => ({ task: one, params: {} }))
    expect(plan({ roots, only: ['check', 'cache'] }).map(({ label }) => label)).toEqual(['cache', 'check'])
    expect(() => plan({ roots, only: ['sites'] })).toThrow(
      expect.objectContaining({
        message: 'Cannot narrow "cache site" to "sites", because that is not part of it.',
        hint: 'use one of: server, cache, database, site, check',
      }),
    )
  })

  describe('with calls', () => {
    const from = param.text({})
    const dump = defineTask({
      name: 'dump',
      summary: '',
      params: { table: param.text({ default: 'all' }), rows: param.number({ default: 1 }) },
    })
    const planned = (asked: AnyTask, params: Readonly<Record<string, unknown>> = {}) =>
      plan({ roots: [{ task: asked, params }], only: [] }).map(({ label, params }) => [label, params])

    it('gives the called task values, and those of the parameters of the one that calls', () => {
      const copy = defineTask({
        name: 'copy',
        summary: '',
        params: { from },
        needs: { dump: call(dump, { table: from, rows: 5 }) },
      })
      expect(planned(copy, { from: 'users', rows: 9 })).toEqual([
        ['dump', { table: 'users', rows: 5 }],
        ['copy', { from: 'users' }],
      ])
    })

    it('lets what a call does not give flow by name, and what it gives go on to what is needed there', () => {
      const look = defineTask({ name: 'look', summary: '', params: { table: param.text({}) }, needs: { dump } })
      const asked = defineTask({ name: 'asked', summary: '', needs: { look: call(look, { table: 'users' }) } })
      expect(planned(asked, { rows: 3 })).toEqual([
        ['dump', { table: 'users', rows: 3 }],
        ['look', { table: 'users' }],
        ['asked', {}],
      ])
    })

    it('leaves to the person only what no call gives', () => {
      const asked = defineTask({ name: 'asked', summary: '', needs: { dump: call(dump, { table: 'users' }) } })
      const [first] = plan({ roots: [{ task: asked, params: {} }], only: [] })
      expect(Object.keys(first?.open ?? {})).toEqual(['rows'])
    })

    it('follows with arguments, too', () => {
      const asked = defineTask({
        name: 'asked',
        summary: '',
        params: { from },
        then: [call(dump, { table: from }), dump],
      })
      expect(planned(asked, { from: 'users' }).map(([label]) => label)).toEqual(['asked', 'dump', 'dump (2)'])
    })

    it('refuses a parameter that is not of the task that calls', () => {
      const asked = defineTask({ name: 'asked', summary: '', needs: { dump: call(dump, { table: from }) } })
      expect(() => planned(asked)).toThrow(
        'The task "asked" calls "dump" with a parameter for "table" that is none of its own.',
      )
    })

    it('takes what stands in for a task, wherever that one is needed, but not for itself', () => {
      const own: AnyTask = defineTask({ name: 'dump', summary: '', needs: { original: dump } })
      const asked = defineTask({ name: 'asked', summary: '', needs: { dump } })
      const [, linked = asked] = withStandIns([own, asked])
      expect(planned(linked)).toEqual([
        ['dump', { table: 'all', rows: 1 }],
        ['dump (2)', {}],
        ['asked', {}],
      ])
    })
  })

  it('has more of an extended task: what it needs first, what follows it last, its parameters and steps', async () => {
    const first = task('first')
    const last = task('last')
    const base = defineTask({
      ...{ name: 'base', summary: 'Base', needs: { server }, then: [check], lock: 'site' },
      params: { site: param.site() },
      steps: () => [step({ name: 'one', title: 'one' })],
    })
    const more = extendTask(base, {
      ...{ needs: { first }, then: [last], params: { days: param.number({ default: 2 }) } },
      steps: ({ params }, original) => [...original, step({ name: `days ${params.days}`, title: '' })],
    })
    expect(names(more)).toEqual(['first', 'server', 'base', 'database', 'check', 'last'])
    expect(more).toMatchObject({ name: 'base', summary: 'Base', lock: 'site' })
    const steps = await more.steps?.({ params: { site: 'example.com', days: 3 } } as never)
    expect(steps?.map(({ name }) => name)).toEqual(['one', 'days 3'])
  })
})
