import { sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import type { MadeRelease } from './release.ts'

/**
 * Only the newest good releases are kept: this one, the one before it, and more up to `keep`; older ones go, those that never
 * served too, and virtualenvs that nobody needs any more. Checks whether there is anything to remove. Data is outside of releases.
 */
export function pruned(release: MadeRelease, { keep }: { readonly keep: number }): Step {
  const { folder, number, virtualenvName } = release
  const args = sh`${folder.path} ${number} ${Math.max(keep, 2)} ${virtualenvName}`
  return step({
    name: 'pruned',
    title: `${folder.site} keeps its last ${keep} releases`,
    as: folder.user,
    uses: [pruneFunctions],
    check: sh`found=$(superfluous ${args}); [ -z "$found" ]`,
    apply: sh`
      superfluous ${args} | while IFS= read -r each; do
        case $each in releases/*) git --git-dir=${folder.path}/repository.git update-ref -d "refs/$each" 2>/dev/null || : ;; esac
        chmod -R u+w -- ${folder.path}/"$each" 2>/dev/null || :
        rm -rf -- ${folder.path}/"$each"
      done`,
    preview: sh`superfluous ${args} | sed 's/^/- /'`,
  })
}

const pruneFunctions = sh`
superfluous() ( # SITE_FOLDER NUMBER KEEP VIRTUALENV
  [ -d "$1/releases" ] || exit 0
  cd -- "$1"
  current=$(readlink current || :)
  kept=1 gone=' '
  for n in $(ls releases | grep -x '[1-9][0-9]*' | sort -nr); do
    [ "$n" -lt "$2" ] || continue
    if [ "releases/$n" = "$current" ]; then kept=$((kept + 1)); continue; fi
    if [ -e "releases/$n/.done/switched" ] && ! [ -e "releases/$n/.bad" ] && [ "$kept" -lt "$3" ]; then kept=$((kept + 1)); continue; fi
    printf 'releases/%s\n' "$n"
    gone="$gone$n "
  done
  [ -d virtualenvs ] || exit 0
  needed=" $4 "
  for link in releases/*/virtualenv; do
    n=\${link%/virtualenv} n=\${n#releases/}
    case $gone in *" $n "*) continue ;; esac
    target=$(readlink "$link" || :)
    needed="$needed\${target##*/} "
  done
  for place in virtualenvs/*/; do
    place=\${place%/}
    case $needed in *" \${place##*/} "*) continue ;; esac
    [ "$place" = 'virtualenvs/*' ] || printf '%s\n' "$place"
  done
)`
