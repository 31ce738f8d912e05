import { addCounts, noCounts } from '../core/counts.ts'
import { type Block, failedIcon, faintNote, type Item, iconOf, type Look } from './block.ts'
import { hostBlock } from './host-block.ts'
import type { Line } from './line.ts'
import type { Row } from './listr.ts'
import { type HostProgress, hostCounts, stepsOf } from './progress.ts'
import { taskBlock } from './task-block.ts'
import { listed, plural } from './words.ts'

/** The blocks of one row and all that is below it; none where there is nothing to tell of it. */
export function blocksOf(row: Row, look: Look): readonly Block[] {
  switch (row.subject.kind) {
    case 'host':
      return [hostBlock(row, row.subject.host, look)]
    case 'task':
      return taskBlock(row, look, 0)
    case 'crowd':
      return [crowdBlock(row, look)]
    case 'rest':
    case 'step':
      return []
  }
}

function crowdBlock({ state }: Row, look: Look): Block {
  const hosts = [...look.progress.hosts.values()]
  const ended = hosts.filter((host) => host.outcome !== undefined)
  const failed = ended.filter((host) => host.outcome !== 'done').length
  const counts = hosts.map(hostCounts).reduce(addCounts, noCounts)
  const words = listed([
    [ended.length - failed, 'done'],
    [failed, 'failed'],
    [hosts.length - ended.length, state === 'closed' ? 'not heard of' : 'at work'],
  ])
  const head: Line = {
    depth: 0,
    icon: state === 'closed' && failed > 0 ? failedIcon : iconOf(state, look, counts),
    text: ['strong', plural(hosts.length, 'host')],
    note: faintNote(words),
  }
  return { state, head, body: state === 'closed' ? [] : tasksAtWork(hosts) }
}

/** How many of the hosts are at which task. */
function tasksAtWork(hosts: readonly HostProgress[]): readonly Item[] {
  const at = new Map<string, number>()
  for (const host of hosts.filter(({ outcome }) => outcome === undefined)) {
    const task = stepsOf(host).find((step) => step.finished === undefined)?.task
    if (task !== undefined) at.set(task, (at.get(task) ?? 0) + 1)
  }
  const icon = ['faint', '·'] as const
  return [...at].map(
    ([task, count]): Line => ({ depth: 1, icon, text: ['plain', task], note: faintNote(plural(count, 'host')) }),
  )
}
