import { TasksError } from '../core/errors.ts'

export interface Assignment {
  readonly name: string
  readonly value: string
  /** The line on which it begins, from 1. */
  readonly line: number
}

/**
 * The assignments of a dotenv text, in order. What stands between quotes is taken as it is, over several lines too; only `\n` between double
 * quotes is a line feed. Nothing is interpolated. Throws a TasksError with the line, and never with a value, where a line is no
 * assignment, or where programs that read such files disagree about what it says.
 */
export function assignmentsIn(text: string, file: string): readonly Assignment[] {
  const found: Assignment[] = []
  let rest = text.replaceAll('\r\n', '\n')
  for (let line = 1; rest !== ''; ) {
    const taken = idle.exec(rest)?.[0] ?? take(rest, { found, line, place: `${file}:${line}` })
    line += taken.split('\n').length - 1
    rest = rest.slice(taken.length)
  }
  return found
}

const idle = /^[ \t]*(?:#[^\n]*)?(?:\n|$)/
const head = /^[ \t]*(?:export[ \t]+)?([^\s=#"'`]+)[ \t]*=/
const opening = /^[ \t]*(["'`])/
const quoted = /^[ \t]*(?:"([^"]*)"|'([^']*)'|`([^`]*)`)/
const plain = /^[^\n]*(?:\n|$)/

interface Place {
  readonly found: Assignment[]
  readonly line: number
  readonly place: string
}

/** Takes one assignment; gives the text that it was. */
function take(text: string, { found, line, place }: Place): string {
  const [start = '', name = ''] = head.exec(text) ?? []
  if (start === '') throw unreadable(`${place}: cannot read the line, because it is neither NAME=value nor a comment`)
  // What is no name may be a piece of a value: it is not shown.
  if (!/^[\w.-]{1,64}$/.test(name))
    throw unreadable(`${place}: cannot read the line, because it does not begin with a name`)
  const refuse: Refuse = (because, hint) =>
    unreadable(`${place}: cannot read ${JSON.stringify(name)}, because ${because}`, hint)
  const rest = text.slice(start.length)
  const { value, taken } = opening.test(rest) ? quotedValue(rest, refuse) : plainValue(rest, refuse)
  found.push({ name, value, line })
  return start + taken
}

type Refuse = (because: string, hint?: string) => TasksError
interface Taken {
  readonly value: string
  readonly taken: string
}

function quotedValue(text: string, refuse: Refuse): Taken {
  const [start = '', double, single, backtick = ''] = quoted.exec(text) ?? []
  if (start === '') throw refuse('its quote is never closed')
  const behind = idle.exec(text.slice(start.length))?.[0]
  if (behind === undefined) {
    throw refuse('there is more behind its closing quote', 'put quotes around it that it does not contain: \', " or `')
  }
  return { value: double?.replaceAll('\\n', '\n') ?? single ?? backtick, taken: start + behind }
}

function plainValue(text: string, refuse: Refuse): Taken {
  const taken = plain.exec(text)?.[0] ?? ''
  const value = taken.replace(/(?:[ \t]#[^\n]*)?\n?$/, '')
  if (value.includes('#'))
    throw refuse('for some programs the "#" in it begins a comment', 'put quotes around the value')
  if (value.includes('\r')) throw refuse('it has a carriage return inside', 'put quotes around the value')
  return { value: value.replace(/^[ \t]+|[ \t]+$/g, ''), taken }
}

function unreadable(sentence: string, hint?: string): TasksError {
  return new TasksError({ code: 'config', message: `${sentence}.`, hint })
}
