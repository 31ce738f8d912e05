import { describe, fromLookups, sh, type Word } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import { beside, besideName, linkIs, lookedUp, pathName } from './path.ts'

interface SymlinkOptions {
  readonly path: Word
  /** What the link says; relative to the link's own folder where it does not begin with a slash. */
  readonly target: Word
  readonly as?: string | undefined
  readonly after?: readonly Step[] | undefined
}

/**
 * A symbolic link with this target, replaced in one instant; the target need not exist.
 *
 * The check reads the link. The apply renames a new link over it, and refuses to replace what is not a link.
 *
 *     symlink({ path: '/srv/app/current', target: 'releases/8' })
 */
export function symlink({ path, target, as = 'root', after = [] }: SymlinkOptions): Step {
  const name = pathName(path)
  return step({
    name: `symlink ${name}`,
    title: `${name} points to ${describe(target)}`,
    as,
    lookups: lookedUp(path),
    check: fromLookups(sh`link_is ${path} ${target}`),
    apply: sh`link_put ${path} ${target} ${besideName(path, 'new')}`,
    preview: sh`link_preview ${path} ${target}`,
    uses: [beside, linkIs, linkPut],
    after,
    explain: ({ output }) =>
      output.includes('is not a symbolic link')
        ? {
            message: `Cannot link "${name}", because something that is not a symbolic link is in its place.`,
            hint: `look at it, and move it away: mv ${name} ${name}.old`,
          }
        : undefined,
  })
}

/** `link_put PATH TARGET NAME-BESIDE` */
export const linkPut = sh`
  link_put() {
    if [ -e "$1" ] && [ ! -L "$1" ]; then
      printf '%s is not a symbolic link\n' "$1"
      return 1
    fi
    link_new=$(beside "$1" "$3")
    rm -f -- "$link_new"
    ln -s -- "$2" "$link_new"
    mv -fT -- "$link_new" "$1"
  }

  link_preview() {
    if [ -L "$1" ]; then printf -- '- %s -> %s\n' "$1" "$(readlink -- "$1")"; fi
    printf -- '+ %s -> %s\n' "$1" "$2"
  }`
