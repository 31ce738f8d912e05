import { call, defineTask, type Project, param, type Run, secret, start } from '../../src/door.ts'

// What the compiler must refuse of a program that starts runs; `npm run check:types` fails where it does not. Nothing here is ever run.

declare const project: Project

const dump = defineTask({
  name: 'dump',
  summary: 'Copy a table',
  params: {
    site: param.site(),
    table: param.text({}),
    rows: param.number({ default: 10 }),
    how: param.choice(['all', 'some'], { isOptional: true }),
    tags: param.list(param.text()),
    password: param.secret({ isOptional: true }),
    isSure: param.flag({ isRequired: true }),
  },
  run: async () => ({ size: 3 }),
})
const site = 'staging.example.com'
const params = { table: 'users', isSure: true }

const run = start(project, dump, { site, hosts: ['web1'], params, mode: 'dry-run' })
run satisfies Run<{ size: number }>
start(project, dump, { params: { ...params, rows: 5, how: 'all', tags: ['a'], password: 'as text' } })
start(project, dump, { params: { ...params, password: secret('p', 'as a secret') } })

// @ts-expect-error Expected 3 arguments, but got 2: what must be given is missing
start(project, dump)
// @ts-expect-error Property 'params' is missing
start(project, dump, { site })
// @ts-expect-error Property 'table' is missing
start(project, dump, { params: { isSure: true } })
// @ts-expect-error Property 'isSure' is missing
start(project, dump, { params: { table: 'users' } })
// @ts-expect-error Type 'string' is not assignable to type 'number'
start(project, dump, { params: { ...params, rows: 'ten' } })
// @ts-expect-error Type '"none"' is not assignable to type '"all" | "some"'
start(project, dump, { params: { ...params, how: 'none' } })
// @ts-expect-error 'tabel' does not exist: did you mean to write 'table'?
start(project, dump, { params: { isSure: true, tabel: 'users' } })
// @ts-expect-error 'site' does not exist in params: an option says it
start(project, dump, { params: { ...params, site } })
// @ts-expect-error Type '"dry"' is not assignable to type 'Mode'
start(project, dump, { params, mode: 'dry' })
// @ts-expect-error Type 'string' is not assignable to type 'readonly string[]'
start(project, dump, { params, hosts: 'web1' })
// @ts-expect-error Property 'sise' does not exist
void run.result.then(({ returned }) => returned[0]?.value.sise)

const plain = defineTask({ name: 'plain', summary: 'Need nothing', params: { days: param.number({ default: 1 }) } })
const refresh = defineTask({ name: 'refresh', summary: 'Refresh', needs: { dump, plain }, local: () => 'refreshed' })
start(project, plain)
start(project, plain, {})
start(project, refresh, { params: { table: 'users', isSure: false, days: 3 } }) satisfies Run<string>
// @ts-expect-error Type 'string' is not assignable to type 'number': of a task that it needs
start(project, refresh, { params: { days: 'three' } })

start(project, 'dump', { params: { anything: 1 } }) satisfies Run<unknown>
start(project, [plain, call(dump, { table: 'users' }), 'deploy'], { params: { isSure: true } }) satisfies Run<unknown>
// @ts-expect-error Type 'number' is not assignable to type 'string | Param<string>'
start(project, [call(dump, { table: 5 })])
