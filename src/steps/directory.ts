import { fromLookups, sh, type Word } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import { hostTrouble, pathTrouble } from './host-trouble.ts'
import { lookedUp, type Ownership, ownedAs, ownershipFor, pathIs, pathName, statWords } from './path.ts'

interface DirectoryOptions extends Ownership {
  readonly path: Word
  /** Who makes it; root, unless said. Owns it, unless `owner` says otherwise. */
  readonly as?: string | undefined
  readonly after?: readonly Step[] | undefined
}

/**
 * A folder with this mode (0755) and owner; what is in it is left alone.
 *
 * The check looks at the kind, mode and owner of the path itself. The apply makes it, with the folders above it.
 *
 *     directory({ path: '/srv/backups', mode: '0700' })
 */
export function directory(options: DirectoryOptions): Step {
  const { path, as = 'root', after = [] } = options
  const name = pathName(path)
  const owned = ownershipFor(as, { mode: options.mode ?? '0755', owner: options.owner, group: options.group })
  return step({
    name: `directory ${name}`,
    title: `${name} is a folder${options.mode === undefined ? '' : ` (${options.mode})`}`,
    as,
    lookups: lookedUp(path),
    check: fromLookups(sh`folder_is ${path} ${statWords(owned)}`),
    apply: sh`
      mkdir -p -- ${path}
      ${ownedAs(path, as === 'root' ? owned : { mode: owned.mode })}`,
    uses: [pathIs, folderIs],
    after,
    explain: (said) => {
      const cannot = `Cannot make the folder "${name}"`
      return hostTrouble(said, cannot) ?? pathTrouble(said, cannot)
    },
  })
}

const folderIs = sh`
  folder_is() { # PATH FORMAT EXPECTED
    path_was directory "$@" || { [ -z "$ONLY_KNOWN" ] && [ -d "$1" ] && [ ! -L "$1" ] && path_is "$@"; }
  }`
