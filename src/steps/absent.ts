import { TasksError } from '../core/errors.ts'
import { fromLookups, sh, type Word } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import { lookedUp, pathName } from './path.ts'

interface AbsentOptions {
  readonly path: Word
  /** Also a folder with all that is in it. */
  readonly recursive?: boolean | undefined
  readonly as?: string | undefined
  readonly after?: readonly Step[] | undefined
}

/**
 * Nothing at this path: no file, no link, and with `recursive` no folder either.
 *
 * The check looks whether anything is there. The apply removes it; a folder only with `recursive`, a link never with its target.
 *
 *     absent({ path: '/etc/nginx/sites-enabled/old.example.com' })
 */
export function absent({ path, recursive = false, as = 'root', after = [] }: AbsentOptions): Step {
  const name = pathName(path)
  if (/^\/+[^/]*\/*$/.test(name)) {
    throw new TasksError({
      code: 'config',
      message: `Cannot remove "${name}" from a host, because it is the root folder or lies right in it.`,
    })
  }
  return step({
    name: `absent ${name}`,
    title: `${name} does not exist`,
    as,
    lookups: lookedUp(path),
    check: fromLookups(sh`is_absent ${path}`),
    apply: recursive ? sh`rm -rf -- ${path}` : sh`rm -f -- ${path}`,
    preview: sh`find ${path} -maxdepth 1 -print | head -n 40 | sed 's/^/- /'`,
    uses: [isAbsent],
    after,
  })
}

const isAbsent = sh`
  is_absent() {
    case $FILES in *"\${NL}absent $1$NL"*) return 0 ;; esac
    [ -z "$ONLY_KNOWN" ] && [ ! -e "$1" ] && [ ! -L "$1" ]
  }`
