import { failureLines } from '../failures.ts'
import { noteLines } from '../notes.ts'
import { printableLine } from '../printable.ts'
import { recapLines, releaseLine } from '../recap.ts'
import { paintWith } from '../style.ts'
import { tasksOf } from './steps.ts'
import type { Report } from './story.ts'
import { momentWords, runName } from './words.ts'

const plain = paintWith(false)

/** A run in a few lines: who asked for what, what came of each task, and what went wrong. */
export function reportLines(report: Report): readonly string[] {
  const { started, hosts, progress, failures, notes, releases } = report
  const who = started.asked && `, by ${started.asked.user}@${started.asked.machine}`
  return [
    printableLine(`${runName(report)}, ${momentWords(started.at)}${who ?? ''} (run ${started.run})`),
    ...hosts.flatMap((host) => tasksOf(host).map(({ task, words }) => `  ${host.name}  ${task.name}  ${words}`)),
    ...notes.flatMap((note) =>
      noteLines({ type: 'note.told', ...withHint(note) }, plain, hosts.length < 2 ? [] : note.hosts),
    ),
    ...releases.map((release) => releaseLine(release, plain)),
    ...failures.flatMap((failure) => failureLines(failure, plain)),
    recapLines(progress, plain).at(-1) ?? unended,
  ]
}

/** In place of what the run came to. */
export const unended = 'The events end before the run does.'

function withHint({ level, message, hint }: Report['notes'][number]) {
  return { level, message, ...(hint !== undefined && { hint }) }
}
