import type { HostOutline, LocalOutline, Outline, OutlinedPart } from '../run/outline.ts'
import { treeLines } from './graph.ts'

/** What each host gets, a tree for each, and what is done on this machine; below that, what is known on the hosts only. */
export function outlineAsTrees(outline: Outline, { isPlain }: { readonly isPlain: boolean }): string {
  const { branch, last, beside } = treeLines(isPlain)
  const tree = (name: string, parts: readonly Part[]) => [
    name,
    ...parts.flatMap(({ words, below }, index) => {
      const isLast = index === parts.length - 1
      const inner = below.map((title, at) => `${at === below.length - 1 ? last : branch}${title}`)
      return [`${isLast ? last : branch}${words}`, ...inner.map((line) => `${isLast ? '    ' : beside}${line}`)]
    }),
  ]
  const hosts = outline.hosts.map((host) => tree(hostWords(host), partsOf(host)))
  const here = outline.local.map((local) => ({ words: `${local.task}  ${localWords(local)}`, below: [] }))
  const trees = [...hosts, ...(here.length === 0 ? [] : [tree('this machine', here)])]
  return [...trees, notes(outline)].flatMap((lines) => (lines.length === 0 ? [] : `${lines.join('\n')}\n`)).join('\n')
}

interface Part {
  readonly words: string
  readonly below: readonly string[]
}

function partsOf({ parts }: HostOutline): readonly Part[] {
  return parts.length === 0 ? [{ words: 'nothing', below: [] }] : parts.map(partOf)
}

function partOf(part: OutlinedPart): Part {
  return {
    words: `${part.task}  ${partWords(part)}`,
    below: part.kind === 'steps' ? part.titles.map(onOneLine) : [],
  }
}

function hostWords({ host, loginUser }: HostOutline): string {
  return onOneLine(`${host.name}: ${host.user ?? loginUser}@${host.address}`)
}

function onOneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}

function partWords(part: OutlinedPart): string {
  switch (part.kind) {
    case 'steps':
      return part.titles.length === 1 ? '1 step' : `${part.titles.length} steps`
    case 'steps-to-come':
      return `steps, decided by what "${part.awaited}" returns`
    case 'function':
      return 'a function'
    case 'nothing':
      return 'left out: it has nothing to do'
  }
}

/** All hosts wait for what is done here, and it for them. */
function localWords({ kind, before, after }: LocalOutline): string {
  if (kind === 'nothing') return 'left out: it has nothing to do'
  if (before.length > 0) return `a function, before "${before[0]}"`
  return after.length > 0 ? `a function, after "${after.at(-1)}"` : 'a function'
}

/** What is shown is what would be asked for: each host says itself what of it is already so. */
function notes({ hosts }: Outline): readonly string[] {
  const parts = hosts.flatMap((host) => host.parts)
  const titles = parts.flatMap((part) => (part.kind === 'steps' ? part.titles : []))
  const guessed = hosts.filter(({ host }) => host.user === undefined)
  const [first] = guessed
  return [
    ...(titles.length === 0
      ? []
      : ['No host was asked: which steps are already so is known there. tasks TASK --dry-run asks.']),
    ...(titles.some((title) => /<[^<>]+>/.test(title)) ? ['What stands in <…> is known on the host only.'] : []),
    ...(parts.some(({ kind }) => kind === 'function') ? ['What a function does is known when it has done it.'] : []),
    ...(first === undefined ? [] : [`Who logs in is not in the config: "${first.loginUser}" is taken for it.`]),
  ]
}

/** A flowchart in Mermaid's words: a box for each host, and what it gets in it from first to last. */
export function outlineAsMermaid(outline: Outline): string {
  const label = (text: string) => `"${onOneLine(text).replaceAll('"', '#quot;')}"`
  const { groups, local, arrows } = drawing(outline)
  return `${[
    'flowchart LR',
    ...groups.flatMap(({ id, name, nodes }) => [
      `  subgraph ${id}[${label(name)}]`,
      ...nodes.map((node) => `    ${node.id}[${label(node.words)}]`),
      '  end',
    ]),
    ...local.map((node) => `  ${node.id}[${label(node.words)}]`),
    ...arrows.map(([from, to]) => `  ${from} --> ${to}`),
  ].join('\n')}\n`
}

/** The same in the words of Graphviz. */
export function outlineAsDot(outline: Outline): string {
  const label = (text: string) => JSON.stringify(onOneLine(text))
  const { groups, local, arrows } = drawing(outline)
  return `${[
    'digraph tasks {',
    '  rankdir=LR;',
    '  node [shape=box];',
    ...groups.flatMap(({ id, name, nodes }) => [
      `  subgraph cluster_${id} {`,
      `    label=${label(name)};`,
      ...nodes.map((node) => `    ${node.id} [label=${label(node.words)}];`),
      '  }',
    ]),
    ...local.map((node) => `  ${node.id} [label=${label(node.words)}];`),
    ...arrows.map(([from, to]) => `  ${from} -> ${to};`),
    '}',
  ].join('\n')}\n`
}

interface Node {
  readonly id: string
  readonly words: string
}

interface Drawing {
  readonly groups: readonly { readonly id: string; readonly name: string; readonly nodes: readonly Node[] }[]
  readonly local: readonly Node[]
  readonly arrows: readonly (readonly [from: string, to: string])[]
}

/** On each host one task follows another; what is done here stands between the tasks that wait for it, on all hosts. */
function drawing({ hosts, local }: Outline): Drawing {
  const groups = hosts.map((host, at) => ({
    id: `h${at}`,
    name: hostWords(host),
    nodes: host.parts.map((part, index) => ({
      id: `h${at}t${index}`,
      words: `${part.task}: ${partWords(part)}`,
      task: part.task,
    })),
  }))
  const here = local.map((one, at) => ({ ...one, id: `l${at}`, words: `${one.task}: on this machine` }))
  const ends = (tasks: readonly string[], end: 0 | -1) =>
    groups.flatMap(({ nodes }) => nodes.filter(({ task }) => tasks.includes(task)).at(end) ?? [])
  return {
    groups,
    local: here,
    arrows: [
      ...groups.flatMap(({ nodes }) => pairs(nodes)),
      ...here.flatMap(({ id, after }) => ends(after, -1).map((node) => [node.id, id] as const)),
      ...here.flatMap(({ id, before }) => ends(before, 0).map((node) => [id, node.id] as const)),
    ],
  }
}

function pairs(nodes: readonly Node[]): readonly (readonly [string, string])[] {
  return nodes.slice(1).map((node, at) => [nodes[at]?.id ?? '', node.id] as const)
}
