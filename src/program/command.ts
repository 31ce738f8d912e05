import type { Content, Secret } from '../core/data.ts'
import { quote, type Shell, shellText } from '../core/sh.ts'
import { bootstrapFailure, sudoPrompt } from './bootstrap.ts'

/** Said on standard error once sudo has nothing more to ask: whatever is sent from then on is the command's. */
export const commandReady = '[tasks:ready]'

/** Who a command is run as, where that is not the login user; `asks` tells whether sudo may ask for a password. */
export interface Become {
  readonly as: string
  readonly asks: boolean
}

/** One command as a host gets it: everything that is said about it here travels on standard input. */
export interface CommandParts {
  readonly command: Shell
  /** Random; stands before all that the command itself says, on each of its outputs. */
  readonly mark: string
  /** Gone to one after the other, each from the one before. Relative ones begin with `./`. */
  readonly folders: readonly string[]
  readonly variables: readonly (readonly [name: string, value: string])[]
  /** Files that the text reads: private to the command's user, in memory where the host can, gone with the command. */
  readonly files: readonly (Content | Secret)[]
  readonly hasTerminal: boolean
}

/**
 * The line that the login shell reads: short, and the same for every command, so that nothing of one can be read in the process list.
 * It takes exactly the promised bytes from standard input, and runs them only if they are whole; what follows them is the
 * command's own input. Read by whatever the login shell is: no quote, backslash or exclamation mark stands inside.
 */
export function commandBootstrap(become?: Become): string {
  if (!become) return `exec sh -c '${receive}'`
  return `exec sh -c '${becoming(become.asks)}' sh 'echo "${commandReady}" >&2; ${receive}' ${become.as}`
}

const receive = [
  'IFS=" " read -r tasks_size tasks_end || exit 98',
  'tasks_text=$(dd bs=$tasks_size count=1 iflag=fullblock 2>/dev/null)',
  `case $tasks_text in *"$tasks_end") ;; *) echo "${bootstrapFailure} incomplete" >&2; exit 98 ;; esac`,
  'eval "$tasks_text"',
].join('; ')

/** Root needs no sudo, and may have none. What it starts for others gets as little of its environment as sudo leaves. */
function becoming(asks: boolean): string {
  return [
    'i=$1 u=$2',
    'if [ $(id -u) = 0 ]; then if [ $u = root ]; then exec sh -c "$i"; fi',
    `e=$(getent passwd $u) || { echo "${bootstrapFailure} no user" >&2; exit 95; }`,
    'set -f; IFS=:; set -- $e; unset IFS',
    `set -- env -i PATH="$PATH" HOME="$6" USER=$1 LOGNAME=$1 SHELL=/bin/sh \${LANG:+LANG="$LANG"} \${TERM:+TERM="$TERM"} sh -c "$i"`,
    'if [ -x /usr/bin/setpriv ]; then exec /usr/bin/setpriv --reuid $u --regid $(id -g $u) --init-groups "$@"; fi',
    'exec runuser -u $u -- "$@"; fi',
    `command -v sudo >/dev/null || { echo "${bootstrapFailure} no sudo" >&2; exit 96; }`,
    `exec sudo ${asks ? `-S -p "${sudoPrompt}"` : '-n'} -u $u -- sh -c "$i"`,
  ].join('; ')
}

/** All that goes to it at once: one line that tells how much comes, the text, and the files that the text then takes. */
export function commandInput(parts: CommandParts): Uint8Array {
  const end = `#${parts.mark}`
  const text = Buffer.from(`${commandText(parts)}\n${end}`)
  return Buffer.concat([Buffer.from(`${text.length} ${end}\n`), text, ...parts.files.map(({ bytes }) => bytes)])
}

/** What a host says once the command is in its folder and about to begin: the session of its processes, and the folder of its files. */
export interface Begun {
  readonly session: string
  readonly folder?: string
}

/** What follows the mark, read back; undefined where it was another word: the folder that it should have begun in is none. */
export function begunOf(words: string): Begun | undefined {
  const [word, session = '', folder = ''] = words.split(' ')
  if (word !== 'begun') return undefined
  return {
    session: /^\d+$/.test(session) ? session : '',
    ...(/^(\/[\w.-]+)+\/tasks\.\w{8}$/.test(folder) && !folder.includes('/../') && { folder }),
  }
}

/** The command's own text is read by itself, so that nothing that is open at its end can reach what stands around it. */
function commandText(parts: CommandParts): string {
  const { command, mark, folders, variables, files, hasTerminal } = parts
  const text = `eval ${quote(shellText(command))}`
  return [
    'unset tasks_size tasks_end tasks_text',
    // The terminal came as a plain pipe, so that it would not change what was sent; nobody types at it, so nothing is echoed.
    ...(hasTerminal ? ['stty sane -echo -onlcr 2>/dev/null'] : []),
    ...folders.map((folder) => entering(folder, mark)),
    ...(files.length > 0 ? [taking(files)] : []),
    // The session is read where it costs no process.
    `{ IFS= read -r tasks_text <"/proc/$$/stat"; } 2>/dev/null && set -- \${tasks_text##*) }`,
    ...variables.map(([name, value]) => `export ${name}=${quote(value)}`),
    `echo "${mark} begun \${4:--} ${files.length > 0 ? '$DATA' : ''}"`,
    ...(hasTerminal ? [] : [`echo ${mark} >&2`]),
    'set --; unset tasks_text',
    ...(files.length > 0 ? [`(${text}\n)`, 'exit "$?"'] : [text]),
  ].join('\n')
}

function entering(folder: string, mark: string): string {
  const word = quote(folder)
  const why = `if [ -d ${word} ]; then echo "${mark} closed"; elif [ -e ${word} ]; then echo "${mark} file"; else echo "${mark} none"; fi`
  return `CDPATH= cd -- ${word} 2>/dev/null || { ${why}; exit 1; }`
}

/** They go with the command, however it ends, but for the one signal that cannot be caught. */
function taking(files: CommandParts['files']): string {
  const take = files.map(({ id, bytes }) => {
    const path = `"$DATA/"${quote(id)}`
    return bytes.length === 0 ? `: >${path}` : `dd bs=${bytes.length} count=1 iflag=fullblock 2>/dev/null >${path}`
  })
  return [
    'tasks_text=$(umask); umask 077',
    'DATA=$(mktemp -d -p /dev/shm tasks.XXXXXXXX 2>/dev/null || mktemp -d -t tasks.XXXXXXXX) || exit 97',
    'trap \'rm -rf "$DATA"\' EXIT; trap "exit 129" HUP; trap "exit 130" INT; trap "exit 141" PIPE; trap "exit 143" TERM',
    ...take,
    'umask "$tasks_text"',
  ].join('\n')
}
