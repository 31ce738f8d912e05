import { randomBytes } from 'node:crypto'
import type { Window } from '../../core/connection.ts'
import type { Content, Secret } from '../../core/data.ts'
import type { CommandOptions, Variables } from '../../core/free-form.ts'
import { describe, referencesOf, type Shell, shellText } from '../../core/sh.ts'
import type { CommandParts } from '../../program/command.ts'

/** In which folder and environment commands are run; relative folders begin with `./`, the first is of the home folder. */
export interface Scope {
  readonly folders: readonly string[]
  readonly variables: ReadonlyMap<string, string>
  /** Values of the variables that are secret. */
  readonly hidden: readonly string[]
}

export const homeScope: Scope = { folders: [], variables: new Map(), hidden: [] }

/** One command, checked: nothing in it can be wrong before it is on the host. */
export interface Order {
  readonly parts: CommandParts
  readonly as: string | undefined
  readonly pty: Window | undefined
  readonly options: CommandOptions
  /** As people read it; not masked yet. */
  readonly described: string
  readonly hidden: readonly string[]
}

/** Throws a TypeError for what only a programmer can have made wrong. */
export function orderOf(command: Shell, scope: Scope, options: CommandOptions & { readonly as?: string }): Order {
  if (command?.kind !== 'shell') throw new TypeError('A command must be shell text: write it as sh`…`.')
  const described = describe(command)
  if (shellText(command).includes('\0')) throw new TypeError('A command cannot have a NUL character in it.')
  const { as, pty, timeout, cwd, env, input, watch = [] } = options
  if (as !== undefined && !/^[A-Za-z_][\w.-]*\$?$/.test(as))
    throw new TypeError(`Cannot run a command as ${JSON.stringify(as)}, because it is no name of a user.`)
  if (timeout !== undefined && !(timeout > 0)) throw new TypeError('The timeout of a command must be above 0 seconds.')
  const inner = withVariables(cwd === undefined ? scope : inFolder(scope, cwd), env ?? {})
  const files = filesOf(command, described)
  const window = pty ? windowOf(pty) : undefined
  const told = [input, ...watch.map(({ answer }) => answer)].flatMap((one) => (isSecret(one) ? one.hidden : []))
  return {
    parts: {
      command,
      mark: `tasks-${randomBytes(16).toString('hex')}`,
      folders: inner.folders,
      variables: [...inner.variables],
      files,
      hasTerminal: window !== undefined,
    },
    as,
    pty: window,
    options,
    described,
    hidden: [...inner.hidden, ...told, ...files.flatMap((file) => (isSecret(file) ? file.hidden : []))],
  }
}

/** A folder in the scope's; `~` is the login user's home folder. */
export function inFolder(scope: Scope, folder: string): Scope {
  if (folder === '' || folder.includes('\0')) {
    throw new TypeError(`Cannot go to the folder ${JSON.stringify(folder)}, because no folder can have that name.`)
  }
  if (folder.startsWith('/')) return { ...scope, folders: [folder] }
  if (folder === '~') return { ...scope, folders: [] }
  if (folder.startsWith('~/')) return { ...scope, folders: [`./${folder.slice(2)}`] }
  return { ...scope, folders: [...scope.folders, `./${folder}`] }
}

export function withVariables(scope: Scope, variables: Variables): Scope {
  const named = Object.entries(variables)
  for (const [name, value] of named) {
    const quoted = JSON.stringify(name)
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new TypeError(`Cannot set ${quoted}, because it is no name of a variable.`)
    if (textOf(value).includes('\0'))
      throw new TypeError(`Cannot set ${quoted}, because its value has a NUL character.`)
  }
  return {
    ...scope,
    variables: new Map([...scope.variables, ...named.map(([name, value]) => [name, textOf(value)] as const)]),
    hidden: [...scope.hidden, ...named.flatMap(([, value]) => (isSecret(value) ? value.hidden : []))],
  }
}

/** The text of something that may be secret. */
export function textOf(value: string | number | Secret): string {
  return isSecret(value) ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(value.bytes) : String(value)
}

export function isSecret(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'secret' && 'bytes' in value
}

/** The files that the text names. What steps alone have cannot be in it. */
function filesOf(command: Shell, described: string): readonly (Content | Secret)[] {
  return referencesOf(command).map((reference) => {
    const name = reference.kind === 'host-value' ? reference.name : reference.id
    if (reference.kind === 'host-value' || reference.kind === 'stream' || !('bytes' in reference)) {
      throw new TypeError(
        `Cannot run ${JSON.stringify(described)}, because "${name}" is known to steps only; a command takes values, contents and secrets.`,
      )
    }
    if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name)) {
      throw new TypeError(`Cannot send ${JSON.stringify(name)}, because no file can have that name.`)
    }
    return reference as Content | Secret // A DataPath with bytes is one of these
  })
}

function windowOf(pty: true | { readonly columns?: number; readonly rows?: number }): Window {
  const { columns = 80, rows = 24 } = pty === true ? {} : pty
  for (const size of [columns, rows]) {
    if (!Number.isInteger(size) || size < 1 || size > 65_535)
      throw new TypeError(`A terminal cannot be ${columns} columns wide and ${rows} rows high.`)
  }
  return { columns, rows }
}
