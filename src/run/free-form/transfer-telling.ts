import { randomBytes } from 'node:crypto'
import { isTasksError } from '../../core/errors.ts'
import type { Transfer } from '../../core/free-form.ts'
import type { TransferStarted } from '../../core/function-events.ts'
import type { Outcome } from '../../core/outcome.ts'
import { UnknownOutcome } from './transfer-failure.ts'
import type { TransferPlace } from './transfer-place.ts'

/** What is transferred, as people are told. */
export type Told = Pick<TransferStarted, 'direction' | 'source' | 'target'>

export interface Telling {
  /** How much of how much there is, where that is known only now. */
  readonly begin: (total?: number) => void
  readonly passed: (bytes: number) => void
}

type Place = Pick<TransferPlace, 'host' | 'emit' | 'mask'>

/** Tells of a transfer while it is done, and how it ended; gives back what it came to. */
export async function telling(
  told: Told,
  { host, emit, mask }: Place,
  move: (tell: Telling) => Promise<Omit<Transfer, 'took'>>,
): Promise<Transfer> {
  const of = { host, transfer: randomBytes(6).toString('hex') }
  const started = performance.now()
  let hasBegun = false
  let last = 0
  let step = leastStep
  const begin = (total?: number) => {
    hasBegun = true
    step = Math.max(leastStep, (total ?? 0) / 100)
    const { direction, source, target } = told
    const names = { source: mask(source), ...(target === undefined ? {} : { target: mask(target) }) }
    emit({ type: 'transfer.started', ...of, direction, ...names, ...(total === undefined ? {} : { total }) })
  }
  let bytes = 0
  const passed = (count: number) => {
    bytes = count
    if (count - last < step) return
    last = count
    emit({ type: 'transfer.progressed', ...of, bytes: count })
  }
  const finish = (outcome: Outcome, sum: Omit<Transfer, 'took'>) => {
    const took = Math.round(performance.now() - started)
    if (hasBegun) emit({ type: 'transfer.finished', ...of, outcome, files: sum.files, bytes: sum.bytes, took })
    return { files: sum.files, bytes: sum.bytes, took }
  }
  try {
    return finish('done', await move({ begin, passed }))
  } catch (error) {
    finish(outcomeOf(error), { files: 0, bytes })
    throw error
  }
}

const leastStep = 1 << 20

function outcomeOf(error: unknown): Outcome {
  if (error instanceof UnknownOutcome) return 'unknown'
  return isTasksError(error) && error.code === 'interrupted' ? 'interrupted' : 'failed'
}
