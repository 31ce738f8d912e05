import type { Answers } from './answers.ts'
import { kindWords } from './project.ts'

/** What to type next, with what it does; first, where that is so, what cannot be done. */
export function nextLines({ kind, host, site }: Answers, hasExample: boolean): readonly string[] {
  const where = host === undefined ? ' --host user@address' : ''
  const rows: readonly (readonly [command: string, what: string])[] = [
    ['tasks doctor', 'whether this machine and the host are ready'],
    ...(kind === 'django' && site !== undefined
      ? ([
          ['tasks deploy --dry-run', 'what a first deploy would do; nothing is touched'],
          ['tasks deploy', 'do it'],
        ] as const)
      : []),
    ...(isServed(kind) ? [] : ([[`tasks provision${where} --dry-run`, 'what would make the host a server']] as const)),
    ...(hasExample
      ? ([[`tasks hello${where} --dry-run`, 'the example task; tasks/hello.ts is yours to change']] as const)
      : []),
    ['tasks docs', 'what else the config may say'],
  ]
  const width = Math.max(...rows.map(([command]) => command.length))
  return [...refusal(kind), 'Next:', ...rows.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`)]
}

function isServed(kind: Answers['kind']): boolean {
  return kind === 'django' || kind === 'none'
}

function refusal(kind: Answers['kind']): readonly string[] {
  if (isServed(kind)) return []
  return [
    `"tasks deploy" serves Django alone so far, and cannot deploy ${kindWords[kind]}.`,
    '"tasks provision", tasks of your own and all else work.',
    '',
  ]
}
