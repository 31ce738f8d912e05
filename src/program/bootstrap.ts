import { gzipSync } from 'node:zlib'
import { sha256 } from '../core/data.ts'
import type { Mode } from '../core/event.ts'
import { secretsOf } from './data-list.ts'
import type { Program } from './program.ts'

/** What sudo writes to standard error each time it wants a password: once to ask, again after a wrong one. */
export const sudoPrompt = '[tasks:sudo-password]'

/** Written to standard error by a bootstrap that did not get what it was promised. */
export const bootstrapFailure = 'tasks-bootstrap:'

/**
 * The command that receives a program: short and the same for every run, so that nothing of a program can be read in the
 * process list. It takes exactly the promised bytes from standard input, checks them whole, and only then runs them.
 * It is read by the login shell, whatever that is: no quote, backslash or exclamation mark stands inside.
 */
export const bootstrapCommand = `sh -c '${[
  'umask 077',
  'd=$(mktemp -d -p /dev/shm tasks.XXXXXXXX 2>/dev/null || mktemp -d) || exit 97',
  // PIPE too: a shell that dies of it runs no trap for EXIT, and the secrets would stay.
  'trap "[ -e $d ] && rm -rf $d" EXIT; trap "exit 98" HUP INT PIPE TERM',
  'IFS=" " read -r n sum k root head || exit 98',
  'echo "$head" >$d/head',
  'dd bs=$n count=1 iflag=fullblock 2>/dev/null | gzip -dc 2>/dev/null >$d/program',
  ': >$d/secrets; [ $k = 0 ] || dd bs=$k count=1 iflag=fullblock 2>/dev/null >$d/secrets',
  `set -- $(sha256sum <$d/program); [ "$1" = "$sum" ] && { [ $k = 0 ] || [ $(wc -c <$d/secrets) -eq $k ]; } || { echo "${bootstrapFailure} incomplete" >&2; exit 98; }`,
  // Whose process it is, as the kernel tells it: that starts none.
  'while read -r word uid rest; do [ "$word" = Uid: ] && break; done </proc/self/status',
  'if [ $root = 0 ] || [ "$uid" = 0 ]; then sh $d/program serve $d; exit; fi',
  `command -v sudo >/dev/null || { echo "${bootstrapFailure} no sudo" >&2; exit 96; }`,
  'sudo -n sh $d/program serve $d 2>/dev/null; [ -e $d/program ] || exit 0',
  `sudo -S -p "${sudoPrompt}" sh $d/program serve $d`,
].join('; ')}'`

export interface RunHead {
  /** Random, known to nobody but this client and the program's own shell. */
  readonly marker: string
  readonly run: string
  readonly mode: Mode
  /** Whether to wait for a lock that somebody else holds. */
  readonly wait: boolean
  /** Who runs what, from where, since when: shown to whoever waits for the lock, and to whoever comes after. */
  readonly holder: {
    readonly user: string
    readonly machine: string
    readonly since: string
    /** The task that was asked for. */
    readonly task: string
    readonly site?: string | undefined
  }
}

/** All that goes to the bootstrap at once: one line that says what comes, the program (compressed, for slow lines), its secrets. */
export function bootstrapInput(program: Program, head: RunHead): Uint8Array {
  const text = Buffer.from(program.text)
  const packed = pack(program.text)
  const secrets = secretsOf(program)
  const { user, machine, since, task, site = '-' } = head.holder
  const holder = [user, machine, since, head.run, task.replaceAll(' ', '+'), site].map(oneWord)
  const words = [head.marker, head.run, head.mode, head.wait ? 'wait' : 'refuse', ...holder]
  const line = [packed.length, sha256(text), secrets.length, program.needsRoot ? 1 : 0, ...words].join(' ')
  return Buffer.concat([Buffer.from(`${line}\n`), packed, secrets])
}

/**
 * Two members of gzip, which are read as one (RFC 1952, 2.2): the lines that name the host, and the rest, which hosts with the same steps
 * have in common and is compressed once.
 */
function pack(text: string): Buffer {
  const start = text.indexOf('\n\n') + 1
  const rest = text.slice(start)
  if (latest?.text !== rest) latest = { text: rest, packed: gzipSync(rest) }
  return Buffer.concat([gzipSync(text.slice(0, start)), latest.packed])
}

let latest: { readonly text: string; readonly packed: Buffer } | undefined

function oneWord(text: string): string {
  return text.replace(/[^\p{L}\p{N}._@:+-]/gu, '_') || '-'
}
