import type { Ask } from '../core/ask.ts'
import type { Connection, Wire } from '../core/connection.ts'
import type { RunRequest } from './request.ts'
import { sumOfWires } from './wires.ts'

/** One connection for each host, however many runs go over it, and one question for each password. */
export class SharedConnections {
  readonly #connect: RunRequest['connect']
  readonly #open = new Map<string, Promise<Connection>>()
  readonly #passwords = new Map<string, Promise<string>>()

  constructor(connect: RunRequest['connect']) {
    this.#connect = connect
  }

  readonly connect: RunRequest['connect'] = async (host, options) => {
    const known = this.#open.get(host.name) ?? this.#connect(host, options)
    this.#open.set(host.name, known)
    try {
      return stayingOpen(await known)
    } catch (error) {
      this.#open.delete(host.name)
      throw error
    }
  }

  /** The same questions; sudo's is asked once, and again only after a wrong answer. */
  asking({ sudoPassword, ...rest }: Ask): Ask {
    if (sudoPassword === undefined) return rest
    return {
      ...rest,
      sudoPassword: (question) => {
        const key = `${question.user}@${question.host}`
        const known = question.isRetry ? undefined : this.#passwords.get(key)
        const answer = known ?? sudoPassword(question)
        this.#passwords.set(key, answer)
        return answer
      },
    }
  }

  /** Ends all connections, and tells what crossed them. */
  async close(): Promise<Wire> {
    const all = await Promise.all(this.#open.values())
    this.#open.clear()
    const wires = all.map((connection) => connection.wire())
    await Promise.all(all.map((connection) => connection.close()))
    return sumOfWires(wires)
  }
}

function stayingOpen(connection: Connection): Connection {
  return {
    user: connection.user,
    open: (command, options) => connection.open(command, options),
    ...(connection.forward && { forward: connection.forward.bind(connection) }),
    ...(connection.forwardBack && { forwardBack: connection.forwardBack.bind(connection) }),
    wire: () => connection.wire(),
    close: async () => undefined,
  }
}
