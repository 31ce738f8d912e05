import { type AnyTask, type Call, calledTask } from '../core/task.ts'

/** That one task is done before another: since it is needed there, or since the other follows it. */
interface Edge {
  readonly from: string
  readonly to: string
  readonly kind: 'need' | 'then'
}

type Wanted = AnyTask | Call

/** What tasks need and are followed by, a tree for each, for a terminal. */
export function asTrees(tasks: readonly AnyTask[], { isPlain }: { readonly isPlain: boolean }): string {
  const lines = treeLines(isPlain)
  const trees = tasks.map((task) => [task.name, ...branches(task, { lines, path: [task] })].join('\n'))
  return `${trees.join('\n\n')}\n`
}

/** What a tree is drawn with; plain characters where a terminal has no others. */
export function treeLines(isPlain: boolean): Lines {
  return isPlain ? { branch: '|-- ', last: '`-- ', beside: '|   ' } : { branch: '├── ', last: '└── ', beside: '│   ' }
}

interface Lines {
  readonly branch: string
  readonly last: string
  readonly beside: string
}

/** What follows a task that is only needed does not follow: it is shown for the task that was asked for. */
function branches(
  task: AnyTask,
  { lines, path }: { readonly lines: Lines; readonly path: readonly AnyTask[] },
): readonly string[] {
  const needs = needsOf(task).map(([name, wanted]) => ({ wanted, note: noteOf(wanted, name) }))
  const followers =
    path.length > 1 ? [] : task.then.map((wanted: Wanted) => ({ wanted, note: `${noteOf(wanted)}  then` }))
  const all = [...needs, ...followers]
  return all.flatMap(({ wanted, note }, index) => {
    const child = calledTask(wanted)
    const isLast = index === all.length - 1
    const below = path.includes(child) ? [] : branches(child, { lines, path: [...path, child] })
    const beside = isLast ? '    ' : lines.beside
    return [`${isLast ? lines.last : lines.branch}${child.name}${note}`, ...below.map((line) => `${beside}${line}`)]
  })
}

/** The arguments of a call. A secret is not among them, since it prints as nothing. */
function noteOf(wanted: Wanted, name?: string): string {
  if (wanted.kind !== 'call') return ''
  const own = name === undefined ? {} : wanted.params
  const words = Object.entries(own).map(
    ([key, value]) => `${key}: ${isPlainValue(value) ? JSON.stringify(value) : '…'}`,
  )
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

function isPlainValue(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

/** A flowchart in Mermaid's words: an arrow leads to what is done later. */
export function asMermaid(tasks: readonly AnyTask[]): string {
  const names = namesIn(tasks)
  const id = (name: string) => `t${names.indexOf(name)}`
  const nodes = names.map((name) => `  ${id(name)}["${name}"]`)
  const arrows = edgesOf(tasks).map(
    ({ from, to, kind }) => `  ${id(from)} ${kind === 'need' ? '-->' : '-.->'} ${id(to)}`,
  )
  return `${['flowchart LR', ...nodes, ...arrows].join('\n')}\n`
}

/** The same in the words of Graphviz. */
export function asDot(tasks: readonly AnyTask[]): string {
  const nodes = namesIn(tasks).map((name) => `  ${JSON.stringify(name)};`)
  const arrows = edgesOf(tasks).map(
    ({ from, to, kind }) =>
      `  ${JSON.stringify(from)} -> ${JSON.stringify(to)}${kind === 'need' ? '' : ' [style=dashed]'};`,
  )
  return `${['digraph tasks {', '  rankdir=LR;', '  node [shape=box];', ...nodes, ...arrows, '}'].join('\n')}\n`
}

function namesIn(tasks: readonly AnyTask[]): readonly string[] {
  return [...new Set([...tasks.map(({ name }) => name), ...edgesOf(tasks).flatMap(({ from, to }) => [from, to])])]
}

/** Each once, also of the tasks that these need. */
function edgesOf(tasks: readonly AnyTask[]): readonly Edge[] {
  const seen = new Set<AnyTask>()
  const edges = new Map<string, Edge>()
  const visit = (task: AnyTask): void => {
    if (seen.has(task)) return
    seen.add(task)
    const needed = needsOf(task).map(([, wanted]) => calledTask(wanted))
    const followers: readonly AnyTask[] = task.then.map(calledTask)
    const own: readonly Edge[] = [
      ...needed.map(({ name }) => ({ from: name, to: task.name, kind: 'need' as const })),
      ...followers.map(({ name }) => ({ from: task.name, to: name, kind: 'then' as const })),
    ]
    for (const edge of own) edges.set(`${edge.from}\n${edge.to}\n${edge.kind}`, edge)
    for (const next of [...needed, ...followers]) visit(next)
  }
  tasks.forEach(visit)
  return [...edges.values()]
}

function needsOf(task: AnyTask): readonly (readonly [string, Wanted])[] {
  return Object.entries(task.needs as Readonly<Record<string, Wanted>>)
}
