import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Connection } from '../core/connection.ts'
import { TasksError } from '../core/errors.ts'
import type { ReturnOf } from '../library/options.ts'
import { type Moved, type Ran, Recorder, type Script } from './record.ts'
import { localOf, remoteOf } from './scripted-machine.ts'
import { type Tried, type TryArguments, type Tryable, tryTask } from './try-task.ts'

/** A host that is a script: it runs nothing, and answers what the script says. */
export interface ScriptedHost {
  /**
   * Does a function as a run does, on this host. Rejects where it does something that the script has no answer for, even if the task goes on
   * after that; and with the TasksError of what failed.
   */
  run<W extends Tryable>(what: W, ...[options]: TryArguments<W>): Promise<Tried<ReturnOf<W>>>
  /** The commands that were run, here and on this machine, in order. */
  readonly ran: readonly Ran[]
  /** What was put on the host, in order. */
  readonly put: readonly Moved[]
}

/**
 * A host for tests of functions. Nothing is run, here or there: commands are answered by the script, in whose words they are as people read them.
 * Steps are a program, which only a real shell can run: those are tried on `shellHost()`.
 */
export function scriptedHost(script: Script = {}): ScriptedHost {
  const record = new Recorder(script)
  return {
    ran: record.ran,
    put: record.put,
    run: async (what, ...[options]) => {
      const folder = await mkdtemp(path.join(tmpdir(), 'tasks-testing-'))
      try {
        const stage = {
          folder,
          connect: async () => connection(record),
          connectLocal: async () => connection(record),
          standIns: { remote: remoteOf(record, folder), local: localOf(record) },
        }
        return await tryTask(stage, what, options ?? ({} as never)) // where none need be given
      } finally {
        await rm(folder, { recursive: true, force: true })
        record.refuseUnexpected()
      }
    },
  }
}

/** Nobody is there: what needs a shell is told what it can be tried on. */
function connection(record: Recorder): Connection {
  return {
    user: record.user,
    open: async () => {
      throw new TasksError({
        code: 'usage',
        message: 'Cannot do steps on a scripted host, because they are a program, and that wants a real shell.',
        hint: 'try them on shellHost()',
      })
    },
    wire: () => ({ connections: 0, channels: 0, bytesSent: 0, bytesReceived: 0 }),
    close: async () => undefined,
  }
}
