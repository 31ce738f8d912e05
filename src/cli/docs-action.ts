import { configReference, type ReferenceKey, type ReferenceSection } from '../config/reference.ts'
import { introduction, sectionWords } from '../config/reference-page.ts'
import { searchReference } from '../config/reference-search.ts'
import { wrap } from '../render/width.ts'
import type { Ending } from './ending.ts'

/** The reference of the config as Markdown that a terminal can show: a list where docs/config.md has tables. */
export function docs(word: string | undefined): Ending {
  const parts =
    word === undefined ? [introduction, ...configReference().map(section)] : searchReference(word).map(section)
  return { exitCode: 0, out: `${parts.join('\n\n')}\n` }
}

function section(one: ReferenceSection): string {
  const prefix = `${one.name}.${one.hasNames ? 'NAME.' : ''}`
  return [
    `## ${one.name}`,
    '',
    ...wrap(sectionWords(one), width),
    ...one.keys.flatMap((key) => keyLines(prefix, key)),
  ].join('\n')
}

function keyLines(prefix: string, { name, type, usual, isNeeded, words }: ReferenceKey): readonly string[] {
  const value = usual === undefined ? (isNeeded ? ', needed' : '') : `, default \`${usual}\``
  return ['', `- \`${prefix}${name}\` (${type}${value})`, ...wrap(words, width - 2).map((line) => `  ${line}`)]
}

const width = 100
