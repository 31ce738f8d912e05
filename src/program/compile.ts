import { readFileSync } from 'node:fs'
import type { Data } from '../core/data.ts'
import { describe, referencesOf, shellText } from '../core/sh.ts'
import { calls, kindsOfLookups } from './calls.ts'
import { lists, questionsOf } from './data-list.ts'
import { embeddedFiles } from './embedded.ts'
import { fragments, fragmentsOf } from './fragments.ts'
import { comment, type PlacedStep, type Program, type Section, type Style } from './program.ts'

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
  const runtime = runtimeText()
  const uses = usesOf(steps)
  checkFunctions(uses, runtime)
  const canChange = steps.some(({ step }) => step.apply)
  const text = [
    head(sections, steps, options),
    runtime,
    uses,
    ...steps.map((placed) => fragmentsOf(placed, options.style)),
    questionsOf(data, steps.length, options.style),
    lists(steps, data, options),
    `STEPS=${steps.length} CAN_CHANGE=${canChange ? 1 : ''}`,
    calls(sections, steps),
    options.style === 'by-hand' ? embeddedFiles(data, options.files ?? new Map()) : '',
    tail,
  ]
  const needsRoot = steps.some(({ step }) => step.as !== options.loginUser)
  return { text: text.filter(Boolean).join('\n\n'), sections, steps, data, needsRoot, canChange }
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
    if (step.as !== 'root' && kindsOfLookups(step).some((kind) => kind !== 'files')) {
      throw new TypeError(`The step "${id}" looks up packages or units, which only a step of root can do.`)
    }
  }
}

/** A function of a step by the name of one of the runtime's would take its place. */
function checkFunctions(uses: string, runtime: string): void {
  const ours = new Set(functionsIn(runtime))
  const taken = functionsIn(uses).find((name) => ours.has(name))
  if (taken === undefined) return
  throw new TypeError(`A step brings a shell function "${taken}", and the program has one of that name itself.`)
}

function functionsIn(text: string): readonly string[] {
  return [...text.matchAll(/^[ \t]*([A-Za-z_]\w*)[ \t]*\(\)/gm)].map(([, name = '']) => name)
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
  'runs',
  'hidden',
  'run',
]

let knownRuntime: string | undefined

/** Read once, however many hosts there are. */
function runtimeText(): string {
  knownRuntime ??= runtimeParts
    .map((name) => readFileSync(new URL(`./runtime/${name}.sh`, import.meta.url), 'utf8').trimEnd())
    .join('\n\n')
  return knownRuntime
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
