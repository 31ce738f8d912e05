import { sha256 } from '../core/data.ts'
import { TasksError } from '../core/errors.ts'
import { describe, type Shell, sh, type Word } from '../core/sh.ts'
import type { Lookups } from '../core/step.ts'

/** Who may do what with a path. What is left out is neither looked at nor changed. */
export interface Ownership {
  /** Octal, as chmod takes it: `0644`. */
  readonly mode?: string | undefined
  readonly owner?: string | undefined
  readonly group?: string | undefined
}

/** A path in the words of a message: host values as `<home>`, control characters escaped. Refuses a path that is not absolute. */
export function pathName(path: Word): string {
  if (typeof path === 'number' || (typeof path === 'string' && !path.startsWith('/'))) {
    throw new TasksError({
      code: 'config',
      message: `Cannot use the path "${path}" on a host, because it is not absolute.`,
    })
  }
  return describe(path).replace(/\p{Cc}/gu, (char) => JSON.stringify(char).slice(1, -1))
}

/** A file name for what is not yet what it will be, in the folder of the path itself; the same in every run. */
export function besideName(path: Word, suffix: string): string {
  return `.tasks-${sha256(describe(path)).slice(0, 12)}.${suffix}`
}

/** What `stat` must print for a path, as the two words that `path_is` takes. */
export function statWords({ mode, owner, group }: Ownership): readonly [format: string, expected: string] {
  const facts = [
    ['%a', mode === undefined ? undefined : octal(mode)],
    ['%U', owner],
    ['%G', group],
  ].filter(([, value]) => value !== undefined)
  return [facts.map(([format]) => format).join(' '), facts.map(([, value]) => value).join(' ')]
}

/** Gives the path that `target` names its mode and owner. Owner first, since a change of owner clears set-id bits. */
export function ownedAs(target: Word, { mode, owner, group }: Ownership): Shell {
  const who = `${owner ?? ''}${group === undefined ? '' : `:${group}`}`
  const chown = who === '' ? sh`:` : sh`chown -h ${who} -- ${target}`
  const chmod = mode === undefined ? sh`:` : sh`chmod ${octal(mode)} -- ${target}`
  return sh`${chown} && ${chmod}`
}

/** Owner and group that a step of this user leaves on what it makes, unless it says otherwise. */
export function ownershipFor(as: string, given: Ownership): Ownership {
  const isRoot = as === 'root'
  return {
    mode: given.mode,
    owner: given.owner ?? as,
    group: given.group ?? (isRoot && given.owner === undefined ? 'root' : undefined),
  }
}

function octal(mode: string): string {
  if (!/^0?[0-7]{3,4}$/.test(mode)) {
    throw new TasksError({
      code: 'config',
      message: `Cannot use the mode "${mode}", because it is not octal digits such as 0644.`,
    })
  }
  return mode.replace(/^0+(?=[0-7]{3})/, '')
}

/** Of these paths, those that may be looked up together with those of all other steps. */
export function lookedUp(...paths: readonly Word[]): Partial<Lookups> {
  const isPlain = (path: Word) => typeof path === 'string' && /^\/[\w/.@:+-]+$/.test(path)
  return { files: paths.filter(isPlain).map(String) }
}

/** `path_is PATH FORMAT EXPECTED`: stat's words about a path; follows no link. */
export const pathIs = sh`
  path_was() { # file|directory|'' PATH FORMAT EXPECTED: when it was looked up
    case "$3$FILES" in "%a %U"*"$1 $4 $2$NL"*) ;; *) return 1 ;; esac
  }

  path_is() {
    path_was '' "$@" || [ -z "$2" ] || [ "$(stat -c "$2" -- "$1" 2>/dev/null)" = "$3" ]
  }`

/** `beside PATH NAME`: the path of NAME in PATH's folder. */
export const beside = sh`
  beside() {
    printf '%s/%s' "\${1%/*}" "$2"
  }`

/** `links_are PATH TARGET …`: symlinks with just these targets, all read by one process. */
export const linksAre = sh`
  links_are() (
    wanted='' left=$#
    while [ "$left" -gt 0 ]; do
      [ -L "$1" ] || exit 1
      wanted=$wanted$NL$2
      set -- "$@" "$1"
      shift 2
      left=$((left - 2))
    done
    # A busybox reads one link at a time.
    [ "$NL$(readlink -- "$@" 2>/dev/null || for link in "$@"; do readlink -- "$link"; done)" = "$wanted" ]
  )`

/** `link_is PATH TARGET`: a symlink with exactly this target, trailing newlines included. */
export const linkIs = sh`
  link_is() {
    case $FILES in *"\${NL}link $1 $2$NL"*) return 0 ;; esac
    [ -z "$ONLY_KNOWN" ] && [ -L "$1" ] && [ "$(readlink -n -- "$1" && printf .)" = "$2." ]
  }`
