import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Channel, Connection } from '../core/connection.ts'
import { TasksError } from '../core/errors.ts'
import type { LocalMachine, PutSource, RemoteHost, Transfer } from '../core/free-form.ts'
import type { Shell } from '../core/sh.ts'
import { commandReady } from '../program/command.ts'
import { runCommand } from '../run/free-form/command.ts'
import type { LocalMachineParts } from '../run/free-form/local-machine.ts'
import { type Machine, machineOf } from '../run/free-form/machine.ts'
import {
  homeScope,
  inFolder,
  isSecret,
  type Order,
  orderOf,
  type Scope,
  textOf,
  withVariables,
} from '../run/free-form/order.ts'
import type { RemoteHostParts } from '../run/free-form/remote-host.ts'
import type { Answer, Ran, Recorder } from './record.ts'

/** A host whose commands the script answers: what a function sees of it is what it sees of any. `folder` is the project's. */
export function remoteOf(record: Recorder, folder: string): (parts: RemoteHostParts) => RemoteHost {
  return (parts) => {
    const machine = machineOf(parts, parts.host.name)
    return scopedRemote({ record, machine, parts, folder }, homeScope)
  }
}

/** This machine, by the same script. */
export function localOf(record: Recorder): (parts: LocalMachineParts) => LocalMachine {
  return (parts) => {
    const machine = machineOf(parts, undefined)
    return scopedLocal({ record, machine }, inFolder(homeScope, parts.root))
  }
}

interface Scripted {
  readonly record: Recorder
  readonly machine: Machine
}

function scopedLocal(scripted: Scripted, scope: Scope): LocalMachine {
  return {
    run: (command, options = {}) => answered(scripted, orderOf(command, scope, options)),
    cd: (folder) => scopedLocal(scripted, inFolder(scope, folder)),
    env: (variables) => scopedLocal(scripted, withVariables(scope, variables)),
  }
}

interface ScriptedRemote extends Scripted {
  readonly parts: RemoteHostParts
  readonly folder: string
}

function scopedRemote(scripted: ScriptedRemote, scope: Scope): RemoteHost {
  const { record, parts, folder } = scripted
  const { host, siteUser } = parts
  return {
    ...host,
    loginUser: record.user,
    siteUser,
    run: (command, options = {}) => answered(scripted, orderOf(command, scope, options)),
    sudo: (command: Shell, { as = 'root', ...options } = {}) =>
      answered(scripted, orderOf(command, scope, { ...options, ...(as !== record.user && { as }) })),
    cd: (inner) => scopedRemote(scripted, inFolder(scope, inner)),
    env: (variables) => scopedRemote(scripted, withVariables(scope, variables)),
    put: async (source, target, { replace: _, ...how } = {}) => {
      const text = typeof source === 'string' ? undefined : await textIn(source)
      record.put.push({ ...(text === undefined ? { source: source as string } : { text }), target, ...how })
      return transferOf(text ?? '')
    },
    get: async (source, target) => {
      const text = record.fileAt(source)
      await writeFile(path.resolve(folder, target), text)
      return transferOf(text)
    },
    read: async function* (source) {
      yield new TextEncoder().encode(record.fileAt(source))
    },
    forward: async () => {
      throw noLine()
    },
    tunnel: async () => {
      throw noLine()
    },
  }
}

/** A real command but for its machine, so that all that is promised of one holds: what is ok, what is hidden, what is watched for. */
async function answered({ record, machine }: Scripted, order: Order) {
  const answer = record.answerTo(ranOf(order, machine))
  return await runCommand({ ...machine, connection: speaking(answer, order, machine.connection) }, order)
}

function ranOf({ described, as, parts, options: { input } }: Order, { host }: Machine): Ran {
  const text = isSecret(input) ? textOf(input) : input instanceof Uint8Array ? new TextDecoder().decode(input) : input
  return {
    command: described,
    isLocal: host === undefined,
    folders: parts.folders.map((folder) => folder.replace(/^\.\//, '')),
    variables: Object.fromEntries(parts.variables),
    ...(as !== undefined && { as }),
    ...(typeof text === 'string' && { input: text }),
  }
}

/** One command's connection: it begins as soon as it was sent, and says what the script says. */
function speaking(
  { stdout = '', stderr = '', exitCode = 0 }: Exclude<Answer, string>,
  { parts: { mark } }: Order,
  connection: Connection,
): Connection {
  const open = async (): Promise<Channel> => {
    let sent = (): void => undefined
    const isSent = new Promise<void>((resolve) => {
      sent = resolve
    })
    return {
      stdout: outputOf(isSent, ['', `${mark} begun -\n`, stdout]),
      stderr: outputOf(isSent, [`${commandReady}\n`, `${mark}\n`, stderr]),
      write: async () => sent(),
      end: () => undefined,
      ended: isSent.then(() => ({ kind: 'exited', code: exitCode })),
    }
  }
  return { ...connection, open }
}

/** The first is said before it has got anything: that sudo has nothing to ask. */
async function* outputOf(isSent: Promise<void>, [first, ...rest]: readonly string[]): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  yield encoder.encode(first)
  await isSent
  for (const text of rest) if (text !== '') yield encoder.encode(text)
}

async function textIn(source: Exclude<PutSource, string>): Promise<string> {
  if (source instanceof Uint8Array) return new TextDecoder().decode(source)
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function transferOf(text: string): Transfer {
  return { files: 1, bytes: Buffer.byteLength(text), took: 0 }
}

function noLine(): TasksError {
  return new TasksError({
    code: 'usage',
    message: 'Cannot carry connections to a scripted host, because nobody is there.',
    hint: 'try it on a real host',
  })
}
