import { TasksError } from '../../core/errors.ts'

/** What `facts.py` found out from the running project; undefined where Django's own value is None or empty. */
export interface DjangoFacts {
  readonly django: string
  readonly python: string
  /** The settings module that the process really has. */
  readonly settingsModule: string
  readonly debug: boolean
  readonly allowedHosts: readonly string[]
  /** Without the staticfiles app there is no `collectstatic`. */
  readonly hasStaticFiles: boolean
  /** Undefined also where it would be the whole site. */
  readonly staticUrl?: string
  readonly staticRoot?: string
  readonly mediaUrl?: string
  readonly mediaRoot?: string
  readonly secureSslRedirect: boolean
  readonly databases: Readonly<Record<string, DatabaseFacts>>
  readonly migrations: MigrationFacts
  /** What `check --deploy` says. */
  readonly findings: readonly Finding[]
  /** The checks themselves raised, for example in a URL module: one line. */
  readonly checksFailed?: string
  /** Settings that still put files into the source, by name: the path. */
  readonly writesIntoSource: Readonly<Record<string, string>>
  /** What the overlay forced; of secrets, only that it did. */
  readonly forced: Readonly<Record<string, Forced>>
}

export interface DatabaseFacts {
  readonly engine: string
  /** SQLite's file. */
  readonly path?: string
  readonly inSource: boolean
}

export interface MigrationFacts {
  readonly reachable: boolean
  /** `app.name`, in the order in which they would be applied; undefined where the database cannot be asked. */
  readonly pending?: readonly string[]
  readonly because?: string
}

export interface Finding {
  readonly id: string
  readonly level: 'debug' | 'info' | 'warning' | 'error' | 'critical'
  readonly message: string
}

/** Undefined stands for a setting that was not there. */
export interface Forced {
  readonly from?: unknown
  readonly to: unknown
}

/** The project does not load. */
export interface FactsError {
  readonly kind: 'missing-variable' | 'missing-module' | 'improperly-configured' | 'import' | 'syntax' | 'exception'
  /** The variable or the module that is missing. */
  readonly name?: string
  readonly message: string
  /** File and line in the project, below manage.py's folder. */
  readonly where?: string
}

export type FactsAnswer = { readonly facts: DjangoFacts } | { readonly error: FactsError }

/** Reads the answer out of all that the project printed around it. */
export function parseFacts(output: string): FactsAnswer {
  const start = output.lastIndexOf(`\n${marker}`)
  const json = start < 0 ? undefined : output.slice(start + 1 + marker.length).split('\n')[0]
  if (json === undefined) {
    throw new TasksError({
      code: 'failed',
      message: 'Cannot read the facts of the Django project, because Python ended before it gave them.',
      output: output.split('\n').slice(-20).join('\n'),
    })
  }
  const answer = JSON.parse(json, (_key, value: unknown) => value ?? undefined) as DjangoFacts | { error: FactsError }
  return 'error' in answer ? answer : { facts: answer }
}

const marker = '--- facts '
