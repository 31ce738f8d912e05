import { readFileSync } from 'node:fs'
import type { Ending } from '../ending.ts'

/** What a shell reads to complete command lines of ours: it asks `tasks __complete` what could stand at the cursor. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish'): Ending {
  return { exitCode: 0, out: readFileSync(new URL(`./tasks.${shell}`, import.meta.url), 'utf8') }
}
