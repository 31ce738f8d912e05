import { isIPv6 } from 'node:net'
import { TasksError } from '../core/errors.ts'
import { addressProblem, type Problem, userProblem } from './names.ts'

/** What a person says of a host that the config does not name: `user@address:port`. */
export interface Address {
  readonly user?: string | undefined
  readonly address: string
  readonly port?: number | undefined
}

/** Takes `user@address:port` apart; an IPv6 address with a port stands in brackets. Throws a `usage` error that names the text. */
export function parseAddress(text: string): Address {
  const at = text.lastIndexOf('@')
  const user = at === -1 ? undefined : text.slice(0, at)
  const { address, port } = splitPort(text.slice(at + 1))
  const problem = (user === undefined ? undefined : userProblem(user)) ?? addressProblem(address) ?? portProblem(port)
  if (problem !== undefined) throw unusable(text, problem)
  return { user, address, port: port === undefined ? undefined : Number(port) }
}

function splitPort(text: string): { readonly address: string; readonly port: string | undefined } {
  const bracketed = /^\[(.*)\](?::(.*))?$/s.exec(text)
  if (bracketed !== null) return { address: bracketed[1] ?? '', port: bracketed[2] }
  const colon = text.indexOf(':')
  if (colon === -1 || isIPv6(text)) return { address: text, port: undefined }
  return { address: text.slice(0, colon), port: text.slice(colon + 1) }
}

function portProblem(port: string | undefined): Problem {
  if (port === undefined) return undefined
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65535
  return isPort ? undefined : 'its port is not a number from 1 to 65535'
}

function unusable(text: string, problem: string): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot use ${JSON.stringify(text)} as a host, because ${problem}.`,
    hint: 'write it as user@address:port, with brackets around an IPv6 address',
  })
}
