import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { busyShare } from './busy.ts'
import { costOf, median } from './cost.ts'
import { say } from './hosts.ts'

/** Medians, in milliseconds. */
export interface Starts {
  /** `node -e 0`. */
  readonly node: number
  readonly help: number
  readonly helpOfTask: number
  /** `tasks` alone, which lists what there is, with a config in TypeScript. */
  readonly list: number
  /** The same in a project with thirty modules of tasks, which were compiled before. Results from before it was measured lack it. */
  readonly listOfThirty: number
  /** From the start of a deploy with a config in TypeScript until its first byte is at a host. */
  readonly firstByte: number
}

interface Start {
  readonly project: string
  readonly rounds: number
  /** The path of the Node that runs the program. */
  readonly node: string
}

const program = join(import.meta.dirname, '../bin/tasks.cjs')

/** How long the program takes to start, beside a Node that does nothing. The config stays as it is between two rounds, as a person's does. */
export async function starts({ project, rounds, node }: Start): Promise<Starts> {
  const found: Record<keyof Starts, number[]> = {
    ...{ node: [], help: [], helpOfTask: [], list: [], listOfThirty: [], firstByte: [] },
  }
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const config = join(project, 'tasks.config.ts')
  writeFileSync(config, configWith(server))
  const thirty = projectOfThirty()
  await wall(node, [program], thirty)
  for (let round = 0; round < rounds; round++) {
    found.node.push(await wall(node, ['-e', '0']))
    found.help.push(await wall(node, [program, '--help']))
    found.helpOfTask.push(await wall(node, [program, 'deploy', '--help']))
    found.list.push(await wall(node, [program], project))
    found.listOfThirty.push(await wall(node, [program], thirty))
    found.firstByte.push(await untilFirstByte({ project, node }, server))
  }
  server.close()
  rmSync(config)
  rmSync(thirty, { recursive: true })
  const medians = Object.entries(found).map(([name, times]) => [name, median(times)])
  say(`start: ${medians.map(([name, time]) => `${name} ${Number(time).toFixed(0)} ms`).join(', ')}`)
  return Object.fromEntries(medians) as Record<keyof Starts, number>
}

function configWith(server: Server): string {
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return `import { defineConfig } from 'tasks-ssh'

export default defineConfig({
  hosts: { box: { address: '127.0.0.1', port: ${port}, user: 'elspeth' } },
  sites: { 'example.com': { host: 'box' } },
})
`
}

/** As many tasks as a project may come to have, each in a module of its own. */
function projectOfThirty(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-thirty-'))
  mkdirSync(join(folder, 'tasks'))
  writeFileSync(join(folder, 'tasks.config.json'), '{}')
  for (let at = 1; at <= 30; at++) writeFileSync(join(folder, `tasks/chore-${at}.ts`), choreModule(at))
  return folder
}

function choreModule(at: number): string {
  return `import { defineTask, param, sh } from 'tasks-ssh'

interface Row {
  readonly day: number
  readonly text: string
}

export const chore${at} = defineTask({
  summary: 'Do chore ${at} of thirty',
  params: {
    table: param.text({ summary: 'the table', default: 'users' }),
    days: param.number({ summary: 'how many', default: ${at} }),
  },
  run: async ({ host, params }) => {
    const found: Row[] = []
    for (let day = 0; day < params.days; day++) {
      const { stdout } = await host.run(sh\`echo \${params.table} \${day}\`)
      found.push({ day, text: stdout.trim() })
    }
    return found
  },
})
`
}

async function wall(node: string, words: readonly string[], cwd = tmpdir()): Promise<number> {
  return (await costOf({ file: node, words, cwd, env: {} })).wall * 1000
}

async function untilFirstByte({ project, node }: Pick<Start, 'project' | 'node'>, server: Server): Promise<number> {
  await busyShare()
  const start = performance.now()
  const arrived = new Promise<number>((resolve) => {
    server.once('connection', (socket) => {
      socket.once('data', () => {
        resolve(performance.now() - start)
        socket.destroy() // and the deploy ends by itself, as a person's does
      })
    })
  })
  const child = spawn(node, [program, 'deploy'], { cwd: project, stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const time = await Promise.race([arrived, ended.then(() => undefined)])
  if (time === undefined) throw new Error('A deploy ended before it had sent a byte.')
  await ended
  return time
}
