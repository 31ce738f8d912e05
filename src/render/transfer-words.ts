import type { TransferFinished, TransferStarted } from '../core/function-events.ts'
import { duration } from './duration.ts'
import { printableLine } from './printable.ts'
import { bytes, plural } from './words.ts'

/** `put dist → /srv/app/dist` */
export function transferName({ direction, source, target }: TransferStarted): string {
  return printableLine(target === undefined ? `${direction} ${source}` : `${direction} ${source} → ${target}`)
}

/** `12.3 MB in 431 files (2.1 s)` */
export function transferResult({ outcome, files, bytes: count, took }: TransferFinished): string {
  if (outcome === 'interrupted') return 'interrupted: nothing was changed'
  if (outcome === 'unknown') return 'unknown: it is all there, or as it was'
  if (outcome === 'failed') return 'failed: nothing was changed'
  const number = files === 1 ? '' : ` in ${plural(files, 'file')}`
  return `${bytes(count)}${number} (${duration(took)})`
}

interface Underway {
  readonly total: number | undefined
  readonly bytes: number
  readonly startedAt: number
}

/** `█████░░░░░  50 %  6.1 MB of 12.3 MB  3.0 MB/s`, without what cannot be known. */
export function transferBar({ total, bytes: count, startedAt }: Underway, now: number): string {
  const seconds = (now - startedAt) / 1000
  const rate = seconds < 1 || count === 0 ? [] : [`${bytes(Math.round(count / seconds))}/s`]
  if (total === undefined || total === 0) return [bytes(count), ...rate].join('  ')
  const part = Math.min(1, count / total)
  const full = Math.floor(part * cells)
  const bar = '█'.repeat(full) + '░'.repeat(cells - full)
  const percent = `${Math.floor(part * 100)}`.padStart(3)
  return [bar, `${percent} %`, `${bytes(count)} of ${bytes(total)}`, ...rate].join('  ')
}

const cells = 20
