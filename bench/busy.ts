import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'

/** The share of the machine's processors that is taken, from 0 to 1. What the last run left is waited for, two seconds at most. */
export async function busyShare(): Promise<number> {
  const end = performance.now() + 2000
  for (;;) {
    const share = await shareOf(200)
    if (share < 0.1 || performance.now() > end) return share
  }
}

async function shareOf(milliseconds: number): Promise<number> {
  const before = times()
  await pause(milliseconds)
  const after = times()
  const all = after.all - before.all
  return all === 0 ? 0 : (after.busy - before.busy) / all
}

function times() {
  const each = cpus().map(({ times: { user, nice, sys, idle, irq } }) => ({ busy: user + nice + sys + irq, idle }))
  const busy = each.reduce((sum, one) => sum + one.busy, 0)
  return { busy, all: each.reduce((sum, one) => sum + one.idle, busy) }
}
