import type { Ask } from '../../../src/core/ask.ts'
import type { Connection } from '../../../src/core/connection.ts'
import type { Event } from '../../../src/core/event.ts'
import type { RemoteHost } from '../../../src/core/free-form.ts'
import { type RemoteHostParts, remoteHost } from '../../../src/run/free-form/remote-host.ts'

export interface Tried {
  readonly host: RemoteHost
  readonly events: Event[]
  /** What was told of outputs, one piece after the other. */
  readonly told: () => string
  readonly stop: AbortController
  readonly kill: AbortController
  readonly ended: AbortController
}

/** A host for a task called `test`, over a connection, with all that it tells. */
export function hostOn(connection: Connection, parts: Partial<RemoteHostParts> & { readonly ask?: Ask } = {}): Tried {
  const events: Event[] = []
  const [stop, kill, ended] = [new AbortController(), new AbortController(), new AbortController()]
  const host = remoteHost({
    host: { name: 'web1', address: '203.0.113.10' },
    siteUser: 'elspeth',
    task: 'test',
    connection,
    emit: (event) => void events.push(event),
    isStopped: () => stop.signal.aborted,
    kill: kill.signal,
    ended: ended.signal,
    transfers: () => none,
    ...parts,
  })
  const told = () => events.map((event) => (event.type === 'command.output' ? event.text : '')).join('')
  return { host, events, told, stop, kill, ended }
}

const none = {} as ReturnType<RemoteHostParts['transfers']> // Tests of commands carry no files
