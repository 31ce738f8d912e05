import { type Data, hiddenIn, type Secret } from '../core/data.ts'
import { quote } from '../core/sh.ts'
import { fragmentText } from './fragments.ts'
import type { PlacedStep, Program, Style } from './program.ts'

/** What is looked up at once, and the files that the steps read: kind, name, length, reader, and for a stream its question. */
export function lists(
  steps: readonly PlacedStep[],
  data: readonly Data[],
  { loginUser }: { readonly loginUser: string },
): string {
  const packages = unique(steps.flatMap(({ step }) => step.lookups.packages))
  const units = unique(steps.flatMap(({ step }) => step.lookups.units))
  const questions = streams(data).map(({ id }) => id)
  const rows = data.map((item) => {
    const length = item.kind === 'stream' ? 0 : item.bytes.length
    const number = item.kind === 'stream' ? [steps.length + 1 + questions.indexOf(item.id)] : []
    return ['data', item.kind, item.id, length, readerOf(item, steps, loginUser), ...number].join(' ')
  })
  const names = [
    `LOOK_PACKAGES=${quote(packages.join(' '))}`,
    `LOOK_UNITS=${quote(units.join(' '))}`,
    `LOOK_FILES=${quote(filesOf(steps))}`,
  ]
  return ['# ── What is looked up at once, and the files that steps read.', ...names, "ALL_DATA=''", ...rows].join('\n')
}

/** A line for each user who looks at any. */
function filesOf(steps: readonly PlacedStep[]): string {
  const looking = steps.map(({ step }) => step).filter(({ lookups }) => lookups.files.length > 0)
  const lines = unique(looking.map(({ as }) => as)).map((user) => {
    const paths = looking.filter(({ as }) => as === user).flatMap(({ lookups }) => lookups.files)
    return `${user} ${unique(paths).join(' ')}\n`
  })
  return lines.length === 0 ? '' : `\n${lines.join('')}`
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

/** The questions that streams ask, numbered after the steps. */
export function questionsOf(data: readonly Data[], steps: number, style: Style): string {
  return streams(data)
    .map((stream, index) => fragmentText(`question_${steps + 1 + index}`, stream.question, style))
    .join('\n')
}

function streams(data: readonly Data[]) {
  return data.filter((item) => item.kind === 'stream')
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
  const mask =
    hidden.length === 0 ? [] : [{ id: '_mask', bytes: Buffer.from(hidden.map(substitution).join('') + joining) }]
  return Buffer.concat(
    [...mask, ...secrets].flatMap(({ id, bytes }) => [Buffer.from(`${id} ${bytes.length}\n`), bytes]),
  )
}

/** Of a long value, which is hidden in pieces, one mark is left. */
const joining = 's/\\*\\*\\*\\(\\*\\*\\*\\)*/***/g\n'

function substitution(text: string): string {
  return `s/${text.replace(/[\\^$.*[\]/]/g, '\\$&')}/***/g\n`
}
