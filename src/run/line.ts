import type { Host } from '../core/app.ts'
import type { Ask } from '../core/ask.ts'
import type { Connection } from '../core/connection.ts'
import type { RunRequest } from './request.ts'
import { sumOfWires } from './wires.ts'

type Caller = Pick<RunRequest, 'connect' | 'ask' | 'stop' | 'kill'>

interface Meantime {
  readonly isWanted: Promise<unknown>
  readonly underway: () => void
}

const atOnce: Meantime = { isWanted: Promise.resolve(), underway: () => undefined }

/** The connections that one host's run has had, and what crossed them. */
export class Line {
  readonly #request: Caller
  readonly #host: Host
  #connections: Connection[] = []
  #giveUp = async (): Promise<void> => undefined
  #requests = 0

  constructor(request: Caller, host: Host) {
    this.#request = request
    this.#host = host
  }

  /**
   * Nobody is asked anything before `isWanted` is fulfilled, and nothing once it is not: it is tried in the meantime. `underway` is
   * called when the host, or somebody's wish to ask, is waited for.
   */
  async connect({ isWanted, underway }: Meantime = atOnce): Promise<Connection> {
    const { connect, ask, kill } = this.#request
    const tooLate = new AbortController()
    const signal = AbortSignal.any([kill, tooLate.signal])
    const wanted = () => {
      underway()
      return isWanted
    }
    const connecting = this.#unlessStopped(tooLate, () =>
      connect(this.#host, { ask: askingAfter(wanted, ask), signal, underway }),
    )
    this.#giveUp = async () => {
      tooLate.abort()
      await connecting.catch(() => undefined)
    }
    const connection = await connecting
    // From here on the signal is not ours: others may share the connection
    this.#giveUp = async () => undefined
    this.#connections.push(connection)
    return connection
  }

  /** Before the first connection nothing has begun there. A later one is for a run that goes on there, and a stop has yet to reach it. */
  async #unlessStopped(tooLate: AbortController, connect: () => Promise<Connection>): Promise<Connection> {
    const { stop } = this.#request
    const isConnected = new AbortController()
    const giveUp = () => tooLate.abort()
    if (this.#connections.length === 0) {
      if (stop.aborted) giveUp()
      stop.addEventListener('abort', giveUp, { signal: isConnected.signal })
    }
    try {
      return await connect()
    } finally {
      isConnected.abort()
    }
  }

  /** The connection that there is now: another one, where the first was lost. */
  get latest(): Connection | undefined {
    return this.#connections.at(-1)
  }

  waited(): void {
    this.#requests++
  }

  result() {
    const wire = sumOfWires(this.#connections.map((connection) => connection.wire()))
    return { host: this.#host.name, loginUser: this.#connections[0]?.user ?? '', wire, requests: this.#requests }
  }

  async close(): Promise<void> {
    await this.#giveUp()
    await Promise.all(this.#connections.map((connection) => connection.close()))
  }
}

/** The questions that a login may have. */
function askingAfter(ready: () => Promise<unknown>, { passphrase, password, touch, acceptHostKey }: Ask): Ask {
  return {
    ...(passphrase && { passphrase: (file) => ready().then(() => passphrase(file)) }),
    ...(password && { password: (who) => ready().then(() => password(who)) }),
    ...(touch && { touch: (what, signal) => ready().then(() => touch(what, signal)) }),
    ...(acceptHostKey && { acceptHostKey: (question) => ready().then(() => acceptHostKey(question)) }),
  }
}
