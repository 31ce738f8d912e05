import { constants } from 'node:os'
import type { ChannelEnd } from '../../core/connection.ts'
import { isTasksError } from '../../core/errors.ts'
import type { Result } from '../../core/free-form.ts'
import { hiddenTexts } from '../../core/hidden.ts'
import type { Outcome } from '../../core/outcome.ts'
import { masking } from '../mask.ts'
import { type Ended, exchange, type Side } from './exchange.ts'
import { endedBadly, type Failed, noFolder, notBegun, notTaken, tookTooLong, wasInterrupted } from './failure.ts'
import { feed, isFedLate } from './feed.ts'
import { Heard } from './heard.ts'
import { type Machine, placeOf } from './machine.ts'
import type { Order } from './order.ts'
import { Reins } from './reins.ts'
import { Watching } from './watching.ts'

/** Runs one command, and tells it as events. Rejects with a TasksError where it does not come to what it should. */
export async function runCommand(machine: Machine, order: Order): Promise<Result> {
  for (const value of order.hidden) machine.hidden.add(value)
  const mask = masking(hiddenTexts([...machine.hidden]))
  const { host, task, isStopped, kill, emit } = machine
  const command = mask(order.described)
  if (isStopped() || kill.aborted) throw notBegun(command, placeOf(machine))
  const of = { ...(host !== undefined && { host }), task, number: machine.next(), command }
  const { as, options } = order
  const { hide } = options
  const heard = (stream: Side) =>
    new Heard(mask, (text) => {
      if (hide === stream || hide === 'both') return
      const isAnswer = options.isAnswer === true && stream === 'stdout'
      emit({ type: 'command.output', ...of, stream, text, ...(isAnswer && { isAnswer }) })
    })
  const outputs = { stdout: heard('stdout'), stderr: heard('stderr') }
  const started = Date.now()
  emit({ type: 'command.started', ...of, ...(as !== undefined && { as }) })
  let outcome: Outcome = 'failed'
  let exitCode: number | undefined
  try {
    const { ended, stopped } = await carryOut(machine, order, outputs)
    for (const output of Object.values(outputs)) output.end()
    const user = as ?? machine.connection.user
    const failed = {
      command,
      place: placeOf(machine),
      user,
      output: outputs.stderr.lastLines() || outputs.stdout.lastLines(),
    }
    exitCode = codeOf(ended.end)
    if (stopped) throw stopped(failed)
    if (ended.instead !== undefined) throw noFolder(failed, order.parts.folders.join('/'), ended.instead)
    if (exitCode === undefined) outcome = 'unknown'
    const { ok = [0] } = options
    if (exitCode === undefined || (ok !== 'any' && !ok.includes(exitCode))) throw endedBadly(failed, ended.end)
    outcome = 'done'
  } catch (error) {
    if (isTasksError(error) && error.code === 'interrupted') outcome = 'interrupted'
    throw error
  } finally {
    const took = Date.now() - started
    emit({ type: 'command.finished', ...of, outcome, ...(exitCode !== undefined && { exitCode }), took })
  }
  return {
    ...(host !== undefined && { host }),
    command,
    stdout: outputs.stdout.text,
    stderr: outputs.stderr.text,
    exitCode,
    isOk: exitCode === 0,
    took: Date.now() - started,
  }
}

interface CarriedOut {
  readonly ended: Ended
  /** What to throw where it was ended before its time. */
  readonly stopped: ((failed: Failed) => unknown) | undefined
}

/** With its input, its answers, its limits. */
async function carryOut(machine: Machine, order: Order, outputs: Readonly<Record<Side, Heard>>): Promise<CarriedOut> {
  const { watch = [], timeout } = order.options
  const reins = new Reins(machine, order.as)
  let answer = (_text: string): void => {}
  const watching = new Watching(watch, {
    write: (text) => answer(text),
    refused: (pattern) => reins.pull({ kind: 'refused', pattern }),
  })
  const exchanged = exchange(machine, {
    ...order,
    signal: reins.letGo,
    onSent(channel) {
      reins.sent(timeout)
      answer = (text) => void channel.write(text)
      if (!isFedLate(order)) void feed(channel, order)
    },
    onBegun(begun, channel) {
      reins.begun(begun)
      if (isFedLate(order)) feed(channel, order).catch((error: unknown) => reins.pull({ kind: 'input', error }))
    },
    onHeard: (side, bytes) => watching.hear(side, outputs[side].take(bytes)),
  })
  try {
    const ended = await Promise.race([exchanged, reins.givenUp()])
    return { ended: ended === 'given up' ? neverSent : ended, stopped: whyStopped(reins, await reins.over()) }
  } finally {
    exchanged.catch(() => {})
    await reins.over()
  }
}

const neverSent: Ended = { end: { kind: 'lost', because: 'it was given up' }, begun: undefined, instead: undefined }

function whyStopped({ reason }: Reins, survived: string | undefined): CarriedOut['stopped'] {
  switch (reason?.kind) {
    case undefined:
      return undefined
    case 'interrupted':
      return (failed) => wasInterrupted(failed, survived)
    case 'timeout':
      return (failed) => tookTooLong(failed, reason.seconds, survived)
    case 'refused':
      return (failed) => notTaken(failed, reason.pattern, survived)
    case 'input':
      return () => reason.error
  }
}

function codeOf(end: ChannelEnd): number | undefined {
  if (end.kind === 'exited') return end.code
  if (end.kind === 'lost') return undefined
  const number = constants.signals[end.signal as NodeJS.Signals] as number | undefined
  return 128 + (number ?? 0)
}
