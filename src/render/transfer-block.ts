import type { TransferFinished } from '../core/function-events.ts'
import { type Block, failedIcon, faintNote, type Look } from './block.ts'
import type { Line } from './line.ts'
import type { HostProgress, TransferProgress } from './progress.ts'
import { transferBar, transferResult } from './transfer-words.ts'

/** What is on its way to or from a host, a row each. */
export function transferLines(host: HostProgress, look: Pick<Look, 'now' | 'spinner'>, depth: number): readonly Line[] {
  const underway = [...host.transfers.values()].filter(({ isOver }) => !isOver)
  return underway.map((transfer) => ({
    depth,
    icon: ['busy', look.spinner],
    text: ['plain', transfer.name],
    note: faintNote(transferBar(transfer, look.now)),
  }))
}

/** What one came to, for good. */
export function transferEnd(event: TransferFinished, { name }: TransferProgress, host: string | undefined): Block {
  const isDone = event.outcome === 'done'
  const head: Line = {
    depth: 0,
    icon: isDone ? ['good', '✔'] : failedIcon,
    text: ['plain', host === undefined ? name : `${host}: ${name}`],
    note: isDone ? faintNote(transferResult(event)) : [['bad', transferResult(event)]],
  }
  return { state: 'closed', head, body: [] }
}
