import type { Host } from '../core/app.ts'
import type { Connection } from '../core/connection.ts'
import type { RunRequest } from './request.ts'
import { sumOfWires } from './wires.ts'

type Caller = Pick<RunRequest, 'connect' | 'ask' | 'kill'>

/** The connections that one host's run has had, and what crossed them. */
export class Line {
  readonly #request: Caller
  readonly #host: Host
  #connections: Connection[] = []
  #requests = 0

  constructor(request: Caller, host: Host) {
    this.#request = request
    this.#host = host
  }

  async connect(): Promise<Connection> {
    const connection = await this.#request.connect(this.#host, { ask: this.#request.ask, signal: this.#request.kill })
    this.#connections.push(connection)
    return connection
  }

  waited(): void {
    this.#requests++
  }

  result() {
    const wire = sumOfWires(this.#connections.map((connection) => connection.wire()))
    return { host: this.#host.name, loginUser: this.#connections[0]?.user ?? '', wire, requests: this.#requests }
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()))
  }
}
