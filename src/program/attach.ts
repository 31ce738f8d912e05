import { readFileSync } from 'node:fs'
import { quote } from '../core/sh.ts'
import type { Program } from './program.ts'

/** Somebody's run, of those that a host knows: the one with this name, or the last (of this site). */
export interface WantedRun {
  readonly run?: string | undefined
  readonly site?: string | undefined
}

/**
 * A program that does nothing but follow another one's journal, from a byte on. Without a wish it is the client's own run, whose name
 * and marker its head has; else the run's plan and marker are told first, and nothing of what its client says reaches it.
 */
export function attachProgram(
  offset: number,
  { needsRoot, wanted }: { readonly needsRoot: boolean; readonly wanted?: WantedRun },
): Program {
  const wish = wanted ? `WANTED=${quote(wanted.run ?? 'last')} SITE=${quote(wanted.site ?? '-')}` : 'WANTED='
  const parts = ['./runtime/frames.sh', './runtime/runs.sh', './attach.sh'].map((path) =>
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  )
  const text = ['#!/bin/sh', `OFFSET=${offset} ${wish}`, ...parts, 'shift\nserve "$1"\n'].join('\n')
  return { text, sections: [], steps: [], data: [], needsRoot, canChange: false }
}
