import {
  type Block,
  elapsedWords,
  failedIcon,
  faintNote,
  iconOf,
  type Look,
  progressWords,
  resultWords,
  said,
} from './block.ts'
import type { Line } from './line.ts'
import type { Row } from './listr.ts'
import { type HostProgress, hostCounts, stepsOf } from './progress.ts'
import { taskBlock } from './task-block.ts'
import { transferLines } from './transfer-block.ts'
import { widthOf } from './width.ts'
import { total } from './words.ts'

/** One of several hosts, with its tasks once it is done. */
export function hostBlock(row: Row, host: HostProgress, look: Look): Block {
  if (row.state !== 'closed') return atWork(row, host, look)
  const counts = hostCounts(host)
  const head: Line = {
    depth: 0,
    icon: host.outcome === 'done' ? iconOf(row.state, look, counts) : failedIcon,
    text: ['strong', host.name],
    note: faintNote(resultWords(counts, stepsOf(host))),
  }
  const tasks = row.rows.flatMap((task) => taskBlock(task, look, 1))
  return { state: row.state, head, body: tasks.flatMap((task) => [task.head, ...task.body]) }
}

/** What it is at, in its own row: there is no room for more while all are at work. */
function atWork(row: Row, host: HostProgress, look: Look): Block {
  const steps = stepsOf(host)
  const running = steps.findLast((step) => step.startedAt !== undefined && step.finished === undefined)
  const at = running === undefined ? '' : `${running.task}: ${running.title}`
  const elapsed = running === undefined ? '' : elapsedWords(running, look)
  const head: Line = {
    depth: 0,
    icon: iconOf(row.state, look),
    label: ['strong', padded(host.name, look)],
    text: host.waiting === undefined ? ['plain', at] : ['pending', host.waiting],
    note: faintNote(elapsed, progressWords(total(hostCounts(host)), steps.length)),
  }
  return { state: row.state, head, body: [...transferLines(host, look, 1), ...said(running?.output.lines(2) ?? [], 1)] }
}

function padded(name: string, { progress }: Look): string {
  const width = Math.max(...[...progress.hosts.values()].map((host) => widthOf(host.name)))
  return name + ' '.repeat(width - widthOf(name))
}
