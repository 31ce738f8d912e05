import { type ChildProcess, spawn } from 'node:child_process'

/** What is pressed once these words have appeared. */
export type Turn = readonly [appears: RegExp, keys: string]

export interface Seen {
  readonly screen: string
  readonly exitCode: number | null
}

interface Options {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Gets the process that the command descends from. */
  readonly watch?: (child: ChildProcess) => void
}

/** Runs a command in a terminal of its own, and presses the keys of each turn when its words have appeared since the last one. */
export function inTerminal(
  command: readonly string[],
  turns: readonly Turn[],
  { cwd, env = {}, watch = () => undefined }: Options = {},
): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const quoted = command.map((word) => `'${word}'`).join(' ')
    const child = spawn('script', ['-qfec', quoted, '/dev/null'], {
      cwd,
      env: { ...process.env, NO_COLOR: '1', TERM: 'xterm', ...env },
    })
    watch(child)
    const left = [...turns]
    let screen = ''
    let unread = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text
      unread += text
      const [next] = left
      if (next === undefined || !next[0].test(unread)) return
      left.shift()
      unread = ''
      child.stdin.write(next[1])
    })
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ screen, exitCode }))
  })
}
