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
  // Before the handshake ssh asks which types of key are known, and its own files say that
  const lines = [
    '#!/bin/sh',
    '[ "$1$2" = host-keyORDER ] && exit 0',
    `exec ${inShell(process.execPath)} ${inShell(script)} "$@"`,
  ]
  await writeFile(program, `${lines.join('\n')}\n`, { mode: 0o700 })
  return { program, socket }
}

/** For a POSIX shell, and for the words of a ProxyCommand. */
export function inShell(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`
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
