import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Finished, projectOf, tasks } from './command-line.ts'

const modules = `import { call, defineTask, param, sh, step } from 'tasks-ssh'
const said = (title) => step({ name: title, title, apply: sh\`exit 1\` })
export const build = defineTask({ summary: '', local: () => { throw new Error('done') } })
export const old = defineTask({ summary: '', when: () => false, local: () => {} })
export const dump = defineTask({ summary: '', on: 'primary', needs: { build }, run: () => { throw new Error('done') } })
export const put = defineTask({
  summary: '',
  params: { colour: param.text({ default: 'green' }), word: param.secret({ isOptional: true }) },
  needs: { dump },
  then: [old],
  steps: ({ host, params }) => [said(\`\${host.name} is \${params.colour}\`), said('release <release> is\\x1b[31m "red"')],
})
export const load = defineTask({ summary: '', needs: { dump, put }, steps: ({ needs }) => [said(needs.dump)] })
export const web = defineTask({ summary: '', needs: { load }, on: '@web', steps: () => [said('web')] })
export const tell = defineTask({ summary: '', needs: { web }, local: () => {} })
export const ask = defineTask({ summary: '', params: { table: param.text() }, run: () => {} })
`

const config = (port: number) => `export default {
  hosts: {
    web1: { address: '127.0.0.1', port: ${port}, user: 'elspeth', roles: ['web'] },
    db1: { address: '127.0.0.1', port: ${port} },
  },
}`

/** What is drawn of a project whose hosts hear of every connection: there must be none. */
async function graph(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const cwd = projectOf({ 'tasks.config.mjs': config(port), 'tasks/all.mjs': modules })
  const finished = await tasks(['graph', ...words], { cwd, env: { LC_ALL: 'C.UTF-8', ...env } })
  expect(connections).toBe(0)
  return finished
}

describe('the graph of what hosts get', () => {
  it('has for each host its tasks and their steps, functions as such, and apart what is done here', async () => {
    const { stdout, stderr, exitCode } = await graph(['tell', '--host', '@all'])
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    const you = userInfo().username
    expect(stdout).toBe(`web1: elspeth@127.0.0.1
├── dump  a function
├── put  2 steps
│   ├── web1 is green
│   └── release <release> is "red"
├── load  steps, decided by what "dump" returns
└── web  1 step
    └── web

db1: ${you}@127.0.0.1
├── put  2 steps
│   ├── db1 is green
│   └── release <release> is "red"
└── load  steps, decided by what "dump" returns

this machine
├── build  a function, before "dump"
└── tell  a function, after "web"

No host was asked: which steps are already so is known there. tasks TASK --dry-run asks.
What stands in <…> is known on the host only.
What a function does is known when it has done it.
Who logs in is not in the config: "${you}" is taken for it.
`)
  })

  it('takes the arguments that the environment says, and is drawn with plain characters where there are no others', async () => {
    const { stdout } = await graph(['put', '--host', 'web1'], { LC_ALL: 'C', TASKS_PUT_COLOUR: 'blue' })
    expect(stdout).toContain('|-- web1 is blue\n')
    expect(stdout).toContain('`-- put  2 steps\n')
    expect(stdout).toContain('`-- old  left out: it has nothing to do\n')
  })

  it('is a flowchart of Mermaid, a box for each host', async () => {
    expect((await graph(['web', '--host', 'web1', '--mermaid'])).stdout).toBe(`flowchart LR
  subgraph h0["web1: elspeth@127.0.0.1"]
    h0t0["dump: a function"]
    h0t1["put: 2 steps"]
    h0t2["load: steps, decided by what #quot;dump#quot; returns"]
    h0t3["web: 1 step"]
  end
  l0["build: on this machine"]
  h0t0 --> h0t1
  h0t1 --> h0t2
  h0t2 --> h0t3
  l0 --> h0t0
`)
  })

  it('is a graph of Graphviz', async () => {
    expect((await graph(['dump', '--host', 'web1,127.0.0.1', '--dot'])).stdout).toContain(`  subgraph cluster_h0 {
    label="web1: elspeth@127.0.0.1";
    h0t0 [label="dump: a function"];
  }
  subgraph cluster_h1 {
`)
  })

  it('says that a host gets nothing, where it does', async () => {
    expect((await graph(['build', '--host', 'web1'])).stdout).toBe(
      'web1: elspeth@127.0.0.1\n└── nothing\n\nthis machine\n└── build  a function\n',
    )
  })

  it.each([
    [
      ['--host', 'web1'],
      'Cannot show what hosts get, because TASK is missing.\nhint: name one: tasks graph TASK --host HOST\n',
    ],
    [
      ['ask', '--host', 'web1'],
      'Cannot show what hosts get of "ask", because --table is missing.\nhint: set TASKS_ASK_TABLE\n',
    ],
    [
      ['put', '--host', '@wbe'],
      'Cannot find group "@wbe", because tasks.config.mjs has no such group.\nhint: did you mean "@web"?\n',
    ],
  ])('refuses %j, saying why', async (words, said) => {
    expect(await graph(words)).toEqual({ stdout: '', stderr: said, exitCode: 2 })
  })
})
