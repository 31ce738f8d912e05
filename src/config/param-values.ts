import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { TasksError } from '../core/errors.ts'
import type { Problem } from './names.ts'

/** What a number must keep to. */
export interface Range {
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly isWhole?: boolean | undefined
}

export function numeric(text: string, range: Range): number {
  const isNumber = /^-?\d+(\.\d+)?$/.test(text)
  return Number(
    checked(text, 'a number', () =>
      isNumber ? rangeProblem(Number(text), range) : 'it is not written with digits alone',
    ),
  )
}

function rangeProblem(value: number, { min, max, isWhole }: Range): Problem {
  if (isWhole === true && !Number.isInteger(value)) return 'it is not whole'
  if (min !== undefined && value < min) return `it is less than ${min}`
  return max !== undefined && value > max ? `it is more than ${max}` : undefined
}

export function chosen<const C extends string>(text: string, choices: readonly C[]): C {
  const choice = choices.find((one) => one === text)
  if (choice !== undefined) return choice
  throw new TasksError({
    code: 'usage',
    message: `Cannot use ${JSON.stringify(text)}, because it is none of: ${choices.join(', ')}.`,
  })
}

/** What a switch is set to where words say it, as in the environment. */
export function isYes(text: string): boolean {
  const word = text.toLowerCase()
  if (['true', 'yes', 'on', '1', 'y'].includes(word)) return true
  if (['false', 'no', 'off', '0', 'n'].includes(word)) return false
  throw unusable(JSON.stringify(text), 'it says neither yes nor no')
}

/** The absolute path; `~` is the person's home. */
export function entire(text: string, mustBe: 'file' | 'folder' | undefined): string {
  const full = path.resolve(text.replace(/^~(?=\/|$)/, homedir()))
  checked(text, mustBe === undefined ? 'a path' : `a ${mustBe}`, () => pathProblem(text, full, mustBe))
  return full
}

function pathProblem(text: string, full: string, mustBe: 'file' | 'folder' | undefined): Problem {
  if (text === '') return 'it is empty'
  if (text.includes('\0')) return 'it contains the character U+0000'
  if (mustBe === undefined) return undefined
  try {
    const isFolder = statSync(full).isDirectory()
    if (mustBe === 'folder') return isFolder ? undefined : 'it is no folder'
    return isFolder ? 'it is a folder' : undefined
  } catch {
    return 'there is nothing of this name that you may look at'
  }
}

/** The text itself, unless there is a problem with it. */
export function checked(text: string, what: string, problemOf: (text: string) => Problem): string {
  const problem = problemOf(text)
  if (problem !== undefined) throw unusable(`${JSON.stringify(text)} as ${what}`, problem)
  return text
}

export function unusable(value: string, because: string): TasksError {
  return new TasksError({ code: 'usage', message: `Cannot use ${value}, because ${because}.` })
}
