import { call, defineTask, extendTask, param, sh } from '../../src/index.ts'

// What the compiler must refuse, and with which words; `npm run check:types` fails where it does not. Nothing here is ever run.

const dump = defineTask({
  name: 'dump',
  summary: 'Copy a table',
  params: { table: param.text({}), rows: param.number({ default: 10 }) },
  run: async ({ host }) => ({ file: (await host.run(sh`mktemp`)).stdout, size: 3 }),
})

const params = { from: param.text({}) }

export const refresh = defineTask({
  name: 'refresh',
  summary: 'Copy a table, and look at it',
  params,
  needs: { dump: call(dump, { table: params.from, rows: 5 }), plain: dump },
  run: async ({ params, needs, host }) => {
    const file: string = needs.dump.file
    const size: number = needs.plain.size
    // @ts-expect-error Property 'sise' does not exist: a misspelt result
    needs.dump.sise
    // @ts-expect-error Property 'other' does not exist: a need that is not listed
    needs.other
    // @ts-expect-error Property 'form' does not exist: a misspelt parameter
    params.form
    // @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'Shell': text where shell text is wanted
    await host.run(`rm ${file}`)
    // @ts-expect-error Type 'string' is not assignable to type 'number': a wrong option
    await host.run(sh`rm ${file}`, { timeout: '5' })
    return size
  },
})

// @ts-expect-error Type 'number' is not assignable to type 'string | Param<string>': a wrong argument
call(dump, { table: 5 })
// @ts-expect-error 'tabel' does not exist: a misspelt argument
call(dump, { tabel: 'users' })
// @ts-expect-error Type 'Param<number>' is not assignable: an argument from a parameter of another type
call(dump, { table: param.number({}) })
// @ts-expect-error Property 'summary' is missing
defineTask({ name: 'nameless' })
// @ts-expect-error Type 'string' is not assignable to type 'number': a default of another type
param.number({ default: 'ten' })

export const longer = extendTask(refresh, {
  params: { days: param.number({}) },
  needs: { first: dump },
  steps: ({ params, needs }, original) => {
    const days: number = params.days
    const from: string = params.from
    const size: number = needs.first.size
    // @ts-expect-error Property 'day' does not exist
    params.day
    return days > size && from !== '' ? original : []
  },
})
