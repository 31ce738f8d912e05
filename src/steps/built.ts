import { sh } from '../core/sh.ts'
import type { Explanation, Said, Step } from '../core/step.ts'
import { fullDiskFunctions, hostTrouble, pathTrouble } from './host-trouble.ts'
import type { Release } from './release.ts'

/**
 * The steps that make a release, so that nothing is left of it where one of them fails: not its folder, not half a virtualenv, nothing
 * that holds its commit in the repository; its number is free again. What only a host has to do with (a full disk, no memory) is told as
 * the reason. A whole virtualenv stays, since the next try needs it.
 *
 * A release that was started once stays as it is. A step that was killed leaves what it had made, and the next run goes on from there.
 *
 *     ...built(release, [releaseFolder(release), source(release, origin)])
 */
export function built(release: Release, steps: readonly Step[]): readonly Step[] {
  return steps.map((step) => ({ ...step, ...(step.apply && orNothing(release, step)) }))
}

function orNothing(release: Release, { apply = sh``, uses, explain }: Step) {
  const { folder, number, virtualenvName, unit } = release
  return {
    uses: [...uses, fullDiskFunctions, discardFunctions],
    // In a subshell of its own and in no condition, so that `set -e` goes on working in it.
    apply: sh`
      set +e
      (
        set -e
        ${apply}
      )
      built=$?
      [ "$built" = 0 ] || {
        tell_of_full_disk ${folder.path} "$HOME" /tmp
        discard_release ${folder.path} ${number} ${virtualenvName} ${unit}
      }
      exit "$built"`,
    explain: (said: Said): Explanation | undefined => {
      const cannot = `Cannot build release ${said.values[number.name] ?? ''} of "${folder.site}"`
      return hostTrouble(said, cannot) ?? explain?.(said) ?? pathTrouble(said, cannot)
    },
  }
}

const discardFunctions = sh`
discard_release() ( # SITE_FOLDER NUMBER VIRTUALENV UNIT: never one that served, or may run
  exec 2>/dev/null
  cd -- "$1" || exit 0
  release=releases/$2
  if [ -n "$2" ] && [ "$(readlink current)" != "$release" ] && ! [ -e "$release/.done/switched" ] && ! [ -e "$release/.bad" ] && ! [ -L "/etc/systemd/system/multi-user.target.wants/$4" ]; then
    discard "$release"
    git --git-dir=repository.git for-each-ref --format='delete %(refname)' "refs/$release" refs/incoming | git --git-dir=repository.git update-ref --stdin
  fi
  for place in virtualenvs/*/; do
    name=\${place%/} name=\${name##*/}
    if [ "$name" = "$3" ] && [ -e "$place/.complete" ]; then continue; fi
    is_linked "$name" || discard "virtualenvs/$name"
  done
)
discard() {
  rm -rf -- "$1" || { chmod -R u+w -- "$1"; rm -rf -- "$1"; }
}
is_linked() { # VIRTUALENV
  for link in releases/*/virtualenv; do
    linked=$(readlink "$link") || continue
    [ "\${linked##*/}" != "$1" ] || return 0
  done
  return 1
}`
