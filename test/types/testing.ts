import { defineTask, param, step } from '../../src/door.ts'
import { isIdempotent, scriptedHost, shellHost } from '../../src/testing/index.ts'

// What the compiler must refuse of a test of a task; `npm run check:types` fails where it does not. Nothing here is ever run.

const dump = defineTask({
  name: 'dump',
  summary: 'Copy a table',
  params: { table: param.text(), rows: param.number({ default: 1 }) },
  run: async () => ({ size: 3 }),
})
const plain = defineTask({ name: 'plain', summary: 'Need nothing', steps: () => [] })

export async function typed(): Promise<void> {
  const host = scriptedHost({
    commands: [
      ['a', 'b'],
      [/c/, { exitCode: 1 }],
      ['d', ({ command }) => command],
    ],
  })
  const { returned } = await host.run(dump, { params: { table: 'users', rows: 2 } })
  returned satisfies { size: number } | undefined
  // @ts-expect-error Property 'sise' does not exist
  returned?.sise
  // @ts-expect-error Expected 2 arguments, but got 1
  await host.run(dump)
  // @ts-expect-error Property 'table' is missing
  await host.run(dump, { params: {} })
  // @ts-expect-error Type 'string' is not assignable to type 'number'
  await host.run(dump, { params: { table: 'users', rows: 'two' } })
  // @ts-expect-error 'mods' does not exist
  await host.run(plain, { mods: 'dry-run' })
  // @ts-expect-error Type 'number' is not assignable
  scriptedHost({ commands: [['a', 1]] })

  const shell = await shellHost()
  await shell.run(plain)
  await shell.run([step({ name: 'a', title: 'a' })], { mode: 'dry-run' })
  const { steps } = await shell.twice(dump, { params: { table: 'users' } })
  steps.a?.again satisfies string | undefined
  // @ts-expect-error Expected 2 arguments, but got 1
  await shell.twice(dump)
  ;(await isIdempotent(plain)) satisfies boolean
  // @ts-expect-error Expected 2 arguments, but got 1
  await isIdempotent(dump)
}
