import { quote, shellText } from '../core/sh.ts'
import type { Step } from '../core/step.ts'
import type { PlacedStep, Section } from './program.ts'

/** The function that calls each step in its turn, with all that the runtime must know of it. */
export function calls(sections: readonly Section[], steps: readonly PlacedStep[]): string {
  const numbers = new Map(steps.map(({ step, number }) => [step, number]))
  const twins = twinsOf(steps)
  const lines = sections.flatMap(({ task, lock }, index) => [
    `  task ${index} ${quote(lock ?? '-')}`,
    ...steps
      .filter((placed) => placed.task === task)
      .map((placed) => `  ${call(placed, numbers, twins.get(placed.number))}`),
  ])
  return [
    '# ── The steps, in their order: number, user, seconds to check and to apply, after, owes, pays, parts.',
    'steps() {',
    ...lines,
    '}',
  ].join('\n')
}

/** The nearest step before one that asks and does the same: once that is done, this is, too. A dry run must know it. */
function twinsOf(steps: readonly PlacedStep[]): ReadonlyMap<number, number> {
  const latest = new Map<string, number>()
  const twins = new Map<number, number>()
  for (const { number, step } of steps) {
    if (!step.check || !step.apply) continue
    const same = [step.as, shellText(step.check), shellText(step.apply), step.pays?.name ?? ''].join('\0')
    const twin = latest.get(same)
    if (twin !== undefined) twins.set(number, twin)
    latest.set(same, number)
  }
  return twins
}

function call(
  { number, id, step, task }: PlacedStep,
  numbers: ReadonlyMap<Step, number>,
  twin: number | undefined,
): string {
  const after =
    step.after === 'everything'
      ? ['everything']
      : step.after.map((other) => placeBefore({ number, id, step, task }, other, numbers))
  const owes = step.owes.map(({ name }) => name).join(' ')
  const words = [after.join(' '), owes, step.pays?.name ?? '', partsOf(step, twin)]
  return ['step', number, quote(step.as), step.timeouts.check, step.timeouts.apply, ...words.map(quote)].join(' ')
}

function placeBefore({ number, id }: PlacedStep, other: Step, numbers: ReadonlyMap<Step, number>): number {
  const place = numbers.get(other)
  if (place === undefined || place >= number)
    throw new TypeError(`The step "${id}" is after "${other.name}", which does not come before it.`)
  return place
}

function partsOf(step: Step, twin: number | undefined): string {
  const looks = kindsOfLookups(step)
  if (step.value) return [`value:${step.value.name}`, ...looks].join(' ')
  const isKnown = step.check?.isFromLookups && looks.length > 0
  const parts = [step.check && 'check', isKnown && 'known', step.apply && 'apply', step.preview && 'preview', ...looks]
  return [...parts, twin !== undefined && `twin:${twin}`].filter(Boolean).join(' ')
}

/** Of what the step wants something looked up: `packages`, `units`, `files`. */
export function kindsOfLookups({ lookups }: Step): readonly string[] {
  return Object.entries(lookups).flatMap(([kind, names]) => (names.length > 0 ? [kind] : []))
}
