import { type PastRun, parsePastRun } from '../core/past-run.ts'
import { sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'

/** Tells of the runs that the host remembers, newest first, of all sites or of one: who asked for what, and what came of it. Reads, and changes nothing. */
export function runsListed({ site }: { readonly site?: string | undefined }): Step {
  return step({
    name: 'runs',
    title: site === undefined ? 'the last runs' : `the last runs of ${site}`,
    check: sh`list_runs ${site ?? '-'}`, // the program's own: it knows where runs leave what
    tell: ({ output }) => [{ kind: 'runs', site, runs: output.split('\n').flatMap(listed) }],
  })
}

function listed(line: string): readonly PastRun[] {
  const past = line.startsWith('run ') ? parsePastRun(line.slice('run '.length)) : undefined
  return past ? [past] : []
}
