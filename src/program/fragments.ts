import { quote, type Shell, shellText } from '../core/sh.ts'
import type { Step } from '../core/step.ts'
import { plannedLine } from './plan.ts'
import { comment, type PlacedStep, type Style } from './program.ts'

type FragmentKind = 'check' | 'apply' | 'preview' | 'value' | 'question'

/** The pieces of shell text that a step has, by what they are for. */
export function fragments(step: Step): readonly (readonly [FragmentKind, Shell])[] {
  const check = step.value ? 'value' : 'check'
  const all: readonly (readonly [FragmentKind, Shell | undefined])[] = [
    [check, step.check],
    ['preview', step.preview],
    ['apply', step.apply],
  ]
  return all.flatMap(([kind, shell]) => (shell ? [[kind, shell] as const] : []))
}

/** A step's pieces, under a comment that says what it is. */
export function fragmentsOf(placed: PlacedStep, style: Style): string {
  const { number, id, step } = placed
  const title = comment(`${number}. ${id}: ${step.title}${step.as === 'root' ? '' : ` (as ${step.as})`}`)
  const texts = fragments(step).map(([kind, shell]) => fragmentText(`${kind}_${number}`, shell, style))
  const planned = style === 'wire' ? [plannedLine(placed)] : []
  const spoken = style === 'by-hand' ? [`title_${number}() { printf '%s\\n' ${titleWord(step.title)}; }`] : []
  return [`# ${title}`, ...spoken, ...planned, ...texts].join('\n')
}

/** On the wire a fragment is a quoted text, so that a typo in it ends nothing but itself; by hand it is a function, to be read. */
export function fragmentText(name: string, shell: Shell, style: Style): string {
  const text = shellText(shell)
  return style === 'wire' ? `${name}=${quote(text)}` : `${name}() {\n${text}\n}`
}

/** A title as a shell word, with the host values in it that are known by then. */
function titleWord(title: string): string {
  return title
    .split(/<([a-z0-9_]+)>/)
    .map((part, index) => (index % 2 === 0 ? quote(part) : `"\${v_${part}-<${part}>}"`))
    .join('')
}
