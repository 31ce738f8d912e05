import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { TasksError } from '../core/errors.ts'
import { readEvent, type ToldEvent } from '../core/read-event.ts'

/** No line of ours is longer; in characters. */
const longestLine = 4 * 1024 * 1024

/** The events of a file of JSON lines, or of standard input (`-`). Throws a `usage` error with the number of a line that is none. */
export async function* eventsIn(from: string): AsyncGenerator<ToldEvent> {
  let number = 0
  for await (const line of linesOf(from)) {
    number += 1
    if (line.trim() === '') continue
    const event = readEvent(line)
    if (event === 'bad') throw unreadable(from, number, 'it is not an event of a run')
    if (event !== 'unknown') yield event
  }
}

/** As a person calls it. */
export function nameOf(from: string): string {
  return from === '-' ? 'standard input' : JSON.stringify(from)
}

/** Ended by line feeds alone: a paragraph separator may stand in JSON as it is. */
async function* linesOf(from: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  let number = 1
  for await (const chunk of chunksOf(from)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    number += lines.length
    yield* lines
    if (rest.length > longestLine) throw unreadable(from, number, 'it does not end')
  }
  if (rest !== '') yield rest
}

async function* chunksOf(from: string): AsyncGenerator<Uint8Array> {
  const stream: Readable = from === '-' ? process.stdin : createReadStream(from)
  try {
    for await (const chunk of stream) yield chunk as Uint8Array // neither has an encoding
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    const because = reasons[String(error.code)] ?? error.message
    throw new TasksError({
      code: 'usage',
      message: `Cannot read ${nameOf(from)}, because ${because}.`,
      hint: 'name a file of lines that tasks printed with --json',
      cause: error,
    })
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not',
}

function unreadable(from: string, number: number, because: string): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot read line ${number} of ${nameOf(from)}, because ${because}.`,
    hint: 'give the lines that tasks prints with --json, and nothing else',
  })
}
