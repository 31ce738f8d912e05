import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Terminal } from '@xterm/headless'
import { onTestFailed, onTestFinished } from 'vitest'
import { program } from '../command-line.ts'

export type ShellName = 'bash' | 'zsh' | 'fish'

/** A shell at work in a terminal of its own. */
export interface Shell {
  /** Presses keys, and resolves to the screen once these words are on it. */
  press(keys: string, appears: RegExp | string): Promise<string>
  /** Presses keys and the return key, and resolves to the words that `tasks` was then run with. */
  enter(keys: string): Promise<readonly string[]>
}

export function isThere(shell: ShellName): boolean {
  return spawnSync(shell, ['-c', 'exit 0']).status === 0
}

const starts: Readonly<Record<ShellName, { readonly words: readonly string[]; readonly first: string }>> = {
  bash: { words: ['bash', '--norc', '--noprofile', '-i'], first: 'PS1="» "; eval "$(tasks completion bash)"' },
  zsh: { words: ['zsh', '-f', '-i'], first: 'PS1="» "; unsetopt prompt_sp; eval "$(tasks completion zsh)"' },
  fish: {
    words: ['fish', '--private', '--no-config', '-i'],
    first: 'function fish_prompt; echo "» "; end; tasks completion fish | source',
  },
}

const up = '\u0015' // takes away what stands before the cursor

/**
 * Starts a shell in a folder as a person would, with completion switched on. From then on `tasks` is the real program where it
 * is asked what could be typed, and else tells the words that it was given.
 */
export async function shellIn(cwd: string, name: ShellName): Promise<Shell> {
  const { words, first } = starts[name]
  const terminal = new Terminal({ cols: 110, rows: 60, allowProposedApi: true })
  const quoted = ['stty cols 110 rows 60 -ixon;', 'exec', ...words].join(' ')
  const child = spawn('script', ['-qfec', quoted, '/dev/null'], { cwd, env: environment(cwd) })
  onTestFinished(() => void child.kill())
  let look = (): void => undefined
  let fail = (_: Error): void => undefined
  child.once('close', () => fail(new Error('The shell has ended.')))
  child.stdout.on('data', (bytes: Uint8Array) => terminal.write(bytes, () => look()))
  terminal.onData((answer) => child.stdin.write(answer))
  const shown = (): string => {
    const { active } = terminal.buffer
    const rows = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '')
    return rows.join('\n').trimEnd()
  }
  onTestFailed(() => console.log(shown()))
  const press: Shell['press'] = (keys, appears) =>
    new Promise((resolve, reject) => {
      const isSeen = () => (typeof appears === 'string' ? shown().includes(appears) : appears.test(shown()))
      look = () => isSeen() && resolve(shown())
      fail = reject
      child.stdin.write(keys)
      look()
    })
  let count = 0
  await press(`${first}; touch .bin/count; tasks begin\r`, 'ran 1 ["begin"]')
  const shell: Shell = {
    press,
    async enter(keys) {
      count++
      const screen = await press(`${up}${keys}\r`, new RegExp(`^ran ${count + 1} (.*)$`, 'm'))
      return JSON.parse(new RegExp(`^ran ${count + 1} (.*)$`, 'm').exec(screen)?.[1] ?? '') as string[]
    },
  }
  return shell
}

/** Nothing of the person who runs the tests, and a `tasks` that can be called. */
function environment(cwd: string): NodeJS.ProcessEnv {
  const bin = path.join(cwd, '.bin')
  mkdirSync(bin, { recursive: true })
  const text = `#!/bin/sh
if [ "\${1-}" = __complete ] || [ ! -e '${bin}/count' ]; then exec '${process.execPath}' '${program}' "$@"; fi
'${process.execPath}' -e '
  const fs = require("node:fs")
  fs.appendFileSync(process.argv[1], ".")
  console.log("ran " + fs.readFileSync(process.argv[1]).length + " " + JSON.stringify(process.argv.slice(2)))
' '${bin}/count' "$@"
`
  writeFileSync(path.join(bin, 'tasks'), text)
  chmodSync(path.join(bin, 'tasks'), 0o755)
  const { PATH, XDG_CACHE_HOME } = process.env
  return {
    ...{ PATH: `${bin}:${PATH}`, HOME: cwd, TERM: 'xterm', LC_ALL: 'C.UTF-8', TASKS_DEV: '1' },
    ...(XDG_CACHE_HOME === undefined ? {} : { XDG_CACHE_HOME }),
  }
}
