import { readFileSync } from 'node:fs'
import { type Data, hiddenIn, type Secret } from '../core/data.ts'
import { describe, quote, referencesOf, type Shell, shellText } from '../core/sh.ts'
import type { Step } from '../core/step.ts'
import { embeddedFiles } from './embedded.ts'

/** The steps of one task, in their order, and the lock that they are done under. */
export interface Section {
  readonly task: string
  readonly summary: string
  /** The name of the lock; absent where anybody may do it at the same time. */
  readonly lock?: string | undefined
  readonly steps: readonly Step[]
}

/** A step at its place in a program. Frames name it by its number. */
export interface PlacedStep {
  readonly number: number
  readonly task: string
  /** `task/name`: the id that events carry. */
  readonly id: string
  readonly step: Step
}

/** What a host runs, and what the client must know to understand what it says. */
export interface Program {
  /** POSIX sh text; holds no secret, no run id and no mode: the same for a dry run and for the run. */
  readonly text: string
  readonly sections: readonly Section[]
  /** In order; the step with number n is at n - 1. */
  readonly steps: readonly PlacedStep[]
  readonly data: readonly Data[]
  /** Whether any step is done by somebody else than the login user. */
  readonly needsRoot: boolean
}

/** How a program is written: for the wire (a typo in one fragment stays there), or to be read and run by hand. */
export type Style = 'wire' | 'by-hand'

interface CompileOptions {
  readonly host: string
  readonly loginUser: string
  readonly style: Style
  /** The files that a script run by hand has inside, by their ids; what is not among them it must do without. */
  readonly files?: ReadonlyMap<string, Uint8Array>
}

/**
 * Compiles steps to one program. Pure: the same input gives the same text.
 * Throws a TypeError when steps contradict each other: the same name twice in a task, a step after one that does not come before it.
 */
export function compile(sections: readonly Section[], options: CompileOptions): Program {
  const steps = place(sections)
  const data = dataOf(steps)
  checkReferences(steps, data)
  const text = [
    head(sections, steps, options),
    runtimeText(),
    usesOf(steps),
    ...steps.map((placed) => fragmentsOf(placed, options.style)),
    questionsOf(data, steps.length, options.style),
    lists(steps, data, options),
    calls(sections, steps),
    options.style === 'by-hand' ? embeddedFiles(data, options.files ?? new Map()) : '',
    tail,
  ]
  const needsRoot = steps.some(({ step }) => step.as !== options.loginUser)
  return { text: text.filter(Boolean).join('\n\n'), sections, steps, data, needsRoot }
}

function place(sections: readonly Section[]): readonly PlacedStep[] {
  const flat = sections.flatMap(({ task, steps }) => steps.map((step) => ({ task, id: `${task}/${step.name}`, step })))
  const seen = new Set<string>()
  for (const { id } of flat) {
    if (seen.has(id)) throw new TypeError(`Two steps are called "${id}": a step's name is unique in its task.`)
    seen.add(id)
  }
  return flat.map((placed, index) => ({ ...placed, number: index + 1 }))
}

/** Each piece of data once; a secret or stream has one user who reads it. */
function dataOf(steps: readonly PlacedStep[]): readonly Data[] {
  return [...new Map(steps.flatMap(({ step }) => step.data).map((item) => [item.id, item])).values()]
}

function checkReferences(steps: readonly PlacedStep[], data: readonly Data[]): void {
  const set = new Set<string>()
  const known = new Set(data.map(({ id }) => id))
  for (const { id, step } of steps) {
    for (const reference of fragments(step).flatMap(([, shell]) => referencesOf(shell))) {
      const isKnown = reference.kind === 'host-value' ? set.has(reference.name) : known.has(reference.id)
      if (!isKnown)
        throw new TypeError(
          `The step "${id}" uses ${describe(reference)}, which no step before it has set or listed as data.`,
        )
    }
    if (step.value) set.add(step.value.name)
    if (step.as !== 'root' && step.lookups.packages.length + step.lookups.units.length > 0) {
      throw new TypeError(`The step "${id}" looks up packages or units, which only a step of root can do.`)
    }
  }
}

/** The runtime's parts, in the order in which they are read. */
const runtimeParts = [
  'frames',
  'fragment',
  'worker',
  'watch',
  'listen',
  'data',
  'lookups',
  'step',
  'prove',
  'locks',
  'run',
]

function runtimeText(): string {
  return runtimeParts
    .map((name) => readFileSync(new URL(`./runtime/${name}.sh`, import.meta.url), 'utf8').trimEnd())
    .join('\n\n')
}

const tail = `case \${1-} in
  serve) shift; serve "$@" ;;
  work) shift; work "$@" ;;
  *) by_hand ;;
esac`

function head(sections: readonly Section[], steps: readonly PlacedStep[], { host, style }: CompileOptions): string {
  const what = sections.map(({ task, steps: { length } }) => `${task} (${length})`).join(', ')
  const lines = ['#!/bin/sh', `# ${comment(`tasks: ${what}: ${steps.length} steps for ${host}.`)}`]
  if (style === 'by-hand') {
    lines.push('# Run it as root: sh FILE. TASKS_MODE=dry-run sh FILE changes nothing and says what it would do.')
  }
  return lines.join('\n')
}

function usesOf(steps: readonly PlacedStep[]): string {
  const texts = [...new Set(steps.flatMap(({ step }) => step.uses.map(shellText)))]
  return texts.length === 0 ? '' : ['# ── Functions that steps use.', ...texts].join('\n\n')
}

type FragmentKind = 'check' | 'apply' | 'preview' | 'value' | 'question'

function fragments(step: Step): readonly (readonly [FragmentKind, Shell])[] {
  const check = step.value ? 'value' : 'check'
  const all: readonly (readonly [FragmentKind, Shell | undefined])[] = [
    [check, step.check],
    ['preview', step.preview],
    ['apply', step.apply],
  ]
  return all.flatMap(([kind, shell]) => (shell ? [[kind, shell] as const] : []))
}

function fragmentsOf({ number, id, step }: PlacedStep, style: Style): string {
  const title = comment(`${number}. ${id}: ${step.title}${step.as === 'root' ? '' : ` (as ${step.as})`}`)
  const texts = fragments(step).map(([kind, shell]) => fragmentText(`${kind}_${number}`, shell, style))
  const spoken = style === 'by-hand' ? [`title_${number}=${quote(step.title)}`] : []
  return [`# ${title}`, ...spoken, ...texts].join('\n')
}

/** On the wire a fragment is a quoted text, so that a typo in it ends nothing but itself; by hand it is a function, to be read. */
function fragmentText(name: string, shell: Shell, style: Style): string {
  const text = shellText(shell)
  return style === 'wire' ? `${name}=${quote(text)}` : `${name}() {\n${text}\n}`
}

function questionsOf(data: readonly Data[], steps: number, style: Style): string {
  return streams(data)
    .map((stream, index) => fragmentText(`question_${steps + 1 + index}`, stream.question, style))
    .join('\n')
}

function streams(data: readonly Data[]) {
  return data.filter((item) => item.kind === 'stream')
}

function lists(steps: readonly PlacedStep[], data: readonly Data[], { loginUser }: CompileOptions): string {
  const packages = unique(steps.flatMap(({ step }) => step.lookups.packages))
  const units = unique(steps.flatMap(({ step }) => step.lookups.units))
  const questions = streams(data).map(({ id }) => id)
  const rows = data.map((item) => {
    const length = item.kind === 'stream' ? 0 : item.bytes.length
    const number = item.kind === 'stream' ? [steps.length + 1 + questions.indexOf(item.id)] : []
    return ['data', item.kind, item.id, length, readerOf(item, steps, loginUser), ...number].join(' ')
  })
  const names = [`LOOK_PACKAGES=${quote(packages.join(' '))}`, `LOOK_UNITS=${quote(units.join(' '))}`]
  return ['# ── What is looked up at once, and the files that steps read.', ...names, "ALL_DATA=''", ...rows].join('\n')
}

function readerOf(item: Data, steps: readonly PlacedStep[], loginUser: string): string {
  if (item.kind === 'stream') return item.as
  const readers = unique(
    steps.filter(({ step }) => step.data.some(({ id }) => id === item.id)).map(({ step }) => step.as),
  )
  const others = readers.filter((user) => user !== 'root')
  if (item.kind === 'secret' && others.length > 1) {
    throw new TypeError(
      `The secret "${item.id}" is read by ${others.join(' and ')}: a secret has one reader besides root.`,
    )
  }
  return others[0] ?? readers[0] ?? loginUser
}

function calls(sections: readonly Section[], steps: readonly PlacedStep[]): string {
  const numbers = new Map(steps.map(({ step, number }) => [step, number]))
  const lines = sections.flatMap(({ task, lock }, index) => [
    `  task ${index} ${quote(lock ?? '-')}`,
    ...steps.filter((placed) => placed.task === task).map((placed) => `  ${call(placed, numbers)}`),
  ])
  return [
    '# ── The steps, in their order: number, user, seconds to check and to apply, after, owes, pays, parts.',
    'steps() {',
    ...lines,
    '}',
  ].join('\n')
}

function call({ number, id, step, task }: PlacedStep, numbers: ReadonlyMap<Step, number>): string {
  const after =
    step.after === 'everything'
      ? ['everything']
      : step.after.map((other) => placeBefore({ number, id, step, task }, other, numbers))
  const owes = step.owes.map(({ name }) => name).join(' ')
  const words = [after.join(' '), owes, step.pays?.name ?? '', partsOf(step)]
  return ['step', number, quote(step.as), step.timeouts.check, step.timeouts.apply, ...words.map(quote)].join(' ')
}

function placeBefore({ number, id }: PlacedStep, other: Step, numbers: ReadonlyMap<Step, number>): number {
  const place = numbers.get(other)
  if (place === undefined || place >= number)
    throw new TypeError(`The step "${id}" is after "${other.name}", which does not come before it.`)
  return place
}

function partsOf(step: Step): string {
  const looks = step.lookups.packages.length + step.lookups.units.length > 0
  if (step.value) return [`value:${step.value.name}`, looks ? 'lookups' : ''].filter(Boolean).join(' ')
  return [step.check ? 'check' : '', step.apply ? 'apply' : '', step.preview ? 'preview' : '', looks ? 'lookups' : '']
    .filter(Boolean)
    .join(' ')
}

function comment(text: string): string {
  return text.replace(/[^\P{C}]+/gu, ' ')
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort()
}

/**
 * The secrets of a program, in the form in which they follow it on standard input; with them, for sed, what is to be hidden wherever
 * a step prints it.
 */
export function secretsOf(program: Program): Uint8Array {
  const secrets = program.data.filter((item): item is Secret => item.kind === 'secret')
  const hidden = hiddenIn(secrets)
  const mask = hidden.length === 0 ? [] : [{ id: '_mask', bytes: Buffer.from(hidden.map(substitution).join('')) }]
  return Buffer.concat(
    [...mask, ...secrets].flatMap(({ id, bytes }) => [Buffer.from(`${id} ${bytes.length}\n`), bytes]),
  )
}

function substitution(text: string): string {
  return `s/${text.replace(/[\\^$.*[\]/]/g, '\\$&')}/***/g\n`
}
