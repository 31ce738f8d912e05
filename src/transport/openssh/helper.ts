import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Who asks: `ssh` starts it for every question, as SSH_ASKPASS and as KnownHostsCommand. */
export interface Helper {
  readonly program: string
  /** Where its questions arrive. */
  readonly socket: string
}

/** Writes the little program that carries a question of `ssh` to us, and our answer back. */
export async function writeHelper(folder: string): Promise<Helper> {
  const program = join(folder, 'ask')
  const script = join(folder, 'ask.cjs')
  const socket = join(folder, 'a')
  await writeFile(script, scriptText(socket), { mode: 0o600 })
  await writeFile(program, programText(`exec ${inShell(process.execPath)} ${inShell(script)}`), { mode: 0o700 })
  return { program, socket }
}

/** For a POSIX shell, and for the words of a ProxyCommand. */
export function inShell(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`
}

/**
 * A question of SSH_ASKPASS is its one word. As KnownHostsCommand it gets `host-key`, what is wanted, the key's type, the key and the
 * name, and after these the person's own such command: what that knows needs no question. Which types of key are known (`ORDER`),
 * ssh reads in its own files.
 */
function programText(ask: string): string {
  return `#!/bin/sh
[ "$1" = host-key ] || ${ask} "$@"
if [ $# -gt 5 ]; then
  known=$(shift 5; "$@") || exit
  printf '%s\\n' "$known"
  case $known in *" $4"*) exit 0 ;; esac
fi
[ "$2" = ORDER ] || ${ask} "$1" "$2" "$3" "$4" "$5"
`
}

/** No answer within the conversation is a refusal, and ends with 1. */
function scriptText(socket: string): string {
  return `const socket = require('node:net').connect(${JSON.stringify(socket)})
let answer = ''
socket.setEncoding('utf8')
socket.on('data', (text) => { answer += text })
socket.on('error', () => process.exit(1))
socket.on('end', () => {
  if (answer === '') process.exit(1)
  process.stdout.write(JSON.parse(answer))
})
socket.write(JSON.stringify({ words: process.argv.slice(2), kind: process.env.SSH_ASKPASS_PROMPT }) + '\\n')
`
}
