import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { asDot, asMermaid, asTrees } from '../../src/cli/graph.ts'
import { param } from '../../src/config/param.ts'
import { secret } from '../../src/core/data.ts'
import { call, defineTask } from '../../src/core/task.ts'
import { program } from './command-line.ts'

const server = defineTask({ name: 'server', summary: '' })
const params = { table: param.text(), word: param.secret({ isOptional: true }) }
const dump = defineTask({ name: 'db:dump', summary: '', params, needs: { server } })
const check = defineTask({ name: 'check', summary: '', needs: { server } })
const word = secret('word', 'open sesame')
const site = defineTask({
  ...{ name: 'site', summary: '', then: [check] },
  needs: { server, dump: call(dump, { table: 'users', word }) },
})

describe('the graph of tasks', () => {
  it('is a tree for each, with the arguments of calls, and no secret', () => {
    expect(asTrees([server, site], { isPlain: false })).toBe(`server

site
├── server
├── db:dump (table: "users", word: …)
│   └── server
└── check  then
    └── server
`)
  })

  it('is drawn with plain characters where a terminal has no others', () => {
    expect(asTrees([dump], { isPlain: true })).toBe('db:dump\n`-- server\n')
  })

  it('is a flowchart of Mermaid, each arrow leading to what is done later', () => {
    expect(asMermaid([site])).toBe(`flowchart LR
  t0["site"]
  t1["server"]
  t2["db:dump"]
  t3["check"]
  t1 --> t0
  t2 --> t0
  t0 -.-> t3
  t1 --> t2
  t1 --> t3
`)
  })

  it('is a graph of Graphviz', () => {
    expect(asDot([dump])).toBe(`digraph tasks {
  rankdir=LR;
  node [shape=box];
  "db:dump";
  "server";
  "server" -> "db:dump";
}
`)
  })

  it('is shown of one task, or refused with what was meant', () => {
    const graph = (...words: readonly string[]) =>
      execFileSync(process.execPath, [program, 'graph', ...words], {
        ...{ encoding: 'utf8', stdio: 'pipe', cwd: '/' },
        env: { ...process.env, TASKS_DEV: '1', LC_ALL: 'C.UTF-8' },
      })
    expect(graph('deploy')).toBe('deploy\n├── provision\n└── verify  then\n')
    expect(() => graph('depoly')).toThrow('did you mean "deploy"?')
  })
})
