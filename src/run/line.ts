import type { Host } from '../core/app.ts'
import type { Ask } from '../core/ask.ts'
import type { Connection } from '../core/connection.ts'
import type { RunRequest } from './request.ts'
import { sumOfWires } from './wires.ts'

type Caller = Pick<RunRequest, 'connect' | 'ask' | 'kill'>

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
    const connecting = connect(this.#host, { ask: askingAfter(wanted, ask), signal, underway })
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
