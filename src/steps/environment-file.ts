import type { Secret } from '../core/data.ts'
import { TasksError } from '../core/errors.ts'
import { type Shell, sh, type Word } from '../core/sh.ts'
import type { SiteFolder } from './site-layout.ts'

/** What a release's processes find in their environment, and where it comes from. */
export interface Environment {
  /** Names and values that the recipe computes; nothing secret. */
  readonly computed: Readonly<Record<string, string>>
  /** The names under which the secret key, made once on the host, is given. */
  readonly keyNames: readonly string[]
  /** The stage's variables, as lines of an environment file; they win over the computed ones. */
  readonly stage: Secret | undefined
}

/**
 * Lines that systemd's EnvironmentFile and a POSIX shell's `.` read back as exactly these values: single quotes hold all but
 * a single quote, newlines too, and `"'"` holds that one.
 */
export function environmentLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}='${value.replaceAll("'", `'"'"'`)}'\n`)
    .join('')
}

const reserved: Readonly<Record<string, string>> = {
  PYTHONPATH: 'tasks sets it for the settings overlay',
  VIRTUAL_ENV: 'tasks sets it to the virtualenv of the release',
  NOTIFY_SOCKET: 'systemd sets it',
  TASKS_SOCKET: 'tasks sets it for gunicorn',
  TASKS_RELEASE: 'tasks sets it for gunicorn',
  TASKS_OVERLAY: 'tasks sets it for the settings overlay',
}

/** The largest value that Linux hands to a program, its name included. */
const longest = 128 * 1024 - 1

/** Throws a TasksError that names the variable, and never its value, when a process could not be given it as it is. */
export function checkVariable(name: string, value: string, where: string): void {
  const problem = variableProblem(name, value)
  if (problem === undefined) return
  throw new TasksError({ code: 'config', message: `${where}: cannot use ${JSON.stringify(name)}, because ${problem}.` })
}

function variableProblem(name: string, value: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return 'a name is made of letters, digits and underscores, and does not begin with a digit'
  if (Object.hasOwn(reserved, name)) return reserved[name]
  if (value.includes('\0')) return 'its value has a NUL character, which no environment can hold'
  if (/\p{Surrogate}|\uFFFD/u.test(value)) return 'its value is not UTF-8 text'
  if (/\p{Noncharacter_Code_Point}/u.test(value)) return 'its value has a character that systemd refuses'
  if (Buffer.byteLength(`${name}=${value}`) > longest)
    return 'it is longer than the 128 KiB that a program can be given'
  return undefined
}

/** A word: the folder of what the site's releases get their environment from. */
export function environmentFolder(folder: SiteFolder): Shell {
  return sh`${folder.path}/env`
}

/** Shell text that prints a release's env file; fails while there is no secret key. Uses `environmentFunctions`. */
export function printsEnvironment(folder: SiteFolder, { computed, keyNames, stage }: Environment): Shell {
  const stageFile = stage === undefined ? sh`/dev/null` : sh`${stage}`
  return sh`print_environment ${environmentFolder(folder)} ${stageFile} ${environmentLines(computed)} ${keyNames}`
}

/** Shell text that is true when the file holds the wanted environment. Uses `environmentFunctions`. */
export function isEnvironment(folder: SiteFolder, environment: Environment, file: Word): Shell {
  return sh`{ [ -f ${file} ] && ${printsEnvironment(folder, environment)} 2>/dev/null | cmp -s - ${file} || return 1; }`
}

/** The lines of an env file that tell where its parts begin, after what the recipe computes. A copy of a release is given a part anew by them. */
export const afterMarks = {
  stage: '# The variables of the stage:',
  config: '# What was set on the host:',
} as const

export const environmentFunctions = sh`
print_environment() ( # FOLDER STAGE_FILE LINES KEY_NAME …
  IFS= read -r key 2>/dev/null <"$1/secret_key" || exit 1
  folder=$1 stage=$2
  printf %s "$3"
  shift 3
  for name in "$@"; do printf "%s='%s'\n" "$name" "$key"; done
  [ "$stage" = /dev/null ] || { printf '%s\n' ${afterMarks.stage}; cat -- "$stage"; }
  [ ! -f "$folder/config.env" ] || { printf '%s\n' ${afterMarks.config}; cat -- "$folder/config.env"; }
)`
