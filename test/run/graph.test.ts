import { describe, expect, it } from 'vitest'
import { type AnyTask, defineTask } from '../../src/core/task.ts'
import { plan, resultsFor } from '../../src/run/graph.ts'

const task = (name: string, needs: Readonly<Record<string, AnyTask>> = {}, then: readonly AnyTask[] = []): AnyTask =>
  defineTask({ name, summary: name, needs, then })

const names = (asked: AnyTask, only: readonly string[] = []) =>
  plan({ task: asked, params: {}, only }).map((planned) => planned.task.name)

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
    const planned = plan({ task: asked, params: { site: 'example.com', stranger: 1 }, only: [] })
    expect(planned.map(({ params }) => params)).toEqual([{ site: 'example.com' }, { site: 'example.com', ref: 'HEAD' }])
  })

  it('hands results on by the names under which they are needed', () => {
    expect(resultsFor(site, (needed) => `${needed.name}'s`)).toEqual({ database: "database's", cache: "cache's" })
  })
})
