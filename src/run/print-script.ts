import { userInfo } from 'node:os'
import { compile } from '../program/compile.ts'
import { plan } from './graph.ts'
import type { RunRequest } from './request.ts'
import { sectionsFor } from './sections.ts'

/**
 * The program of a run as a script for a person: commented, with the files that it needs inside, to be run with `sh` as root.
 * Nothing is connected to. Secrets are not in it.
 */
export async function printScript(request: RunRequest): Promise<string> {
  const [host] = request.hosts
  if (!host) return ''
  const loginUser = host.user ?? userInfo().username
  const sections = await sectionsFor(plan(request), { request, host, loginUser, emit: request.emit })
  const { text } = compile(sections, { host: host.name, loginUser, style: 'by-hand' })
  return wrapped(text)
}

/** Kept whole in a file before the first line runs: `| ssh host sh` may be cut off anywhere, and steps read standard input. */
function wrapped(text: string): string {
  const end = 'END_OF_THE_PROGRAM'
  return `set -eu\numask 077\nscript=$(mktemp)\ntrap 'rm -f "$script"' EXIT\ncat >"$script" <<'${end}'\n${text}\n${end}\nsh "$script" </dev/null\n`
}
