import { readFileSync } from 'node:fs'
import type { Program } from './program.ts'

/** A program that does nothing but follow another one's journal, from a byte on. Sent with the run's own head. */
export function attachProgram(offset: number, { needsRoot }: { readonly needsRoot: boolean }): Program {
  const runtime = readFileSync(new URL('./attach.sh', import.meta.url), 'utf8')
  const text = `#!/bin/sh\nOFFSET=${offset}\n${runtime}\nshift\nserve "$1"\n`
  return { text, sections: [], steps: [], data: [], needsRoot }
}
