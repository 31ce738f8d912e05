import { sh } from '../../core/sh.ts'
import type { Begun } from '../../program/command.ts'
import { exchange } from './exchange.ts'
import { Heard } from './heard.ts'
import type { Machine } from './machine.ts'
import { homeScope, orderOf } from './order.ts'

/**
 * Ends all processes of a command's session on its host: told to end first, and after two seconds made to. Resolves with why that cannot
 * be said to be done, if so. Closing its channel would leave them running.
 */
export async function endThere(
  machine: Machine,
  { session, folder }: Begun,
  as: string | undefined,
): Promise<string | undefined> {
  if (session === '') return 'its host has no /proc to find its processes in'
  const order = orderOf(ending(session, folder), homeScope, as === undefined ? {} : { as })
  const said = new Heard(
    (text) => text,
    () => {},
  )
  try {
    const { end } = await exchange(machine, {
      ...order,
      signal: AbortSignal.timeout(patience),
      onSent: (channel) => channel.end(),
      onBegun: () => {},
      onHeard: (side, bytes) => void (side === 'stdout' && said.take(bytes)),
    })
    if (end.kind === 'exited' && end.code === 0) return undefined
    if (end.kind === 'lost') return end.because
    return `its host did not end process ${said.text.trim().replaceAll('\n', ', ') || session}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const patience = 15_000

/** Zombies have ended. What it leaves by being killed in the middle goes, too. */
function ending(session: string, folder: string | undefined) {
  return sh`
    left() {
      for stat in /proc/[0-9]*/stat; do
        { IFS= read -r line <"$stat"; } 2>/dev/null || continue
        set -- \${line##*) }
        [ "$4" = ${session} ] && [ "$1" != Z ] && [ "$1" != X ] || continue
        pid=\${stat#/proc/}
        echo "\${pid%/stat}"
      done
    }
    tries=0 signal=TERM
    while pids=$(left) && [ -n "$pids" ]; do
      if [ "$tries" -eq 20 ]; then signal=KILL; elif [ "$tries" -eq 40 ]; then echo "$pids"; exit 1; fi
      case $tries in 0 | 20) kill -s "$signal" $pids; kill -s CONT $pids ;; esac 2>/dev/null
      tries=$((tries + 1))
      sleep 0.1
    done
    ${folder === undefined ? sh`:` : sh`rm -rf ${folder}`}
  `
}
