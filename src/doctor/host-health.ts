import { isIP } from 'node:net'
import type { Host } from '../core/app.ts'
import type { Ask } from '../core/ask.ts'
import type { Connection } from '../core/connection.ts'
import { isTasksError } from '../core/errors.ts'
import { bad, type Found, ok } from '../core/finding.ts'
import { askHost } from './ask-host.ts'
import type { HostFacts } from './host-facts.ts'
import { hostFindings } from './host-findings.ts'
import type { Questions } from './host-program.ts'

/** What came of looking at a host. */
export interface HostHealth {
  readonly findings: readonly Found[]
  /** Absent where it could not be asked. */
  readonly facts?: HostFacts
  /** By which it is known: as it says itself, and as it is reached. */
  readonly addresses: readonly string[]
}

interface HealthOptions {
  readonly ask: Ask
  readonly connect: (host: Host) => Promise<Connection>
  readonly questions: Omit<Questions, 'canAskPassword'>
  readonly seconds: number
}

/** Logs in, and asks all there is to ask. Why that cannot be is a finding, too. */
export async function hostHealth(host: Host, options: HealthOptions): Promise<HostHealth> {
  const { ask, connect, questions, seconds } = options
  const own = isIP(host.address) === 0 ? [] : [host.address]
  let title = 'login'
  try {
    const connection = await connect(host)
    const login = ok(title, `as ${connection.user} at ${host.address}`)
    title = 'answer'
    try {
      const { facts, asked } = await askHost(connection, { host: host.name, ask, questions, seconds })
      const addresses = [...new Set([...own, ...facts.addresses])]
      return { findings: [login, ...hostFindings(facts, asked)], facts, addresses }
    } finally {
      await connection.close()
    }
  } catch (error) {
    if (!isTasksError(error)) throw error
    return { findings: [bad(title, error.message, error.hint)], addresses: own }
  }
}
