import { sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import type { MadeRelease } from './release.ts'
import { type CopiedRelease, fromNumber } from './release-copy.ts'
import { historyFunctions } from './release-history.ts'
import { unitFunctions } from './site-unit.ts'

/**
 * Only the newest good releases are kept: this one, the one before it, and more up to `keep`; older ones go, those that never
 * served too, and virtualenvs that nobody needs any more. A restart makes no other release to go back to: it and what it is a copy of
 * count as one, and what is older than these two and the same again goes. Checks whether there is anything to remove. Data is outside of
 * releases.
 */
export function pruned(release: MadeRelease | CopiedRelease, { keep }: { readonly keep: number }): Step {
  const { folder, number, virtualenvName } = release
  const restarted = 'kind' in release && release.kind === 'restart' ? fromNumber : ''
  const args = sh`${folder.path} ${number} ${Math.max(keep, 2)} ${virtualenvName} ${restarted}`
  return step({
    name: 'pruned',
    title: `${folder.site} keeps its last ${keep} releases`,
    as: folder.user,
    uses: [unitFunctions, historyFunctions, pruneFunctions],
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
superfluous() ( # SITE_FOLDER NUMBER KEEP VIRTUALENV RESTARTED
  [ -d "$1/releases" ] || exit 0
  cd -- "$1"
  gone=' '
  for n in $(superfluous_releases "$1" "$2" "$3" "$5"); do
    printf 'releases/%s\n' "$n"
    gone="$gone$n "
  done
  for place in virtualenvs/*/; do
    place=\${place%/}
    [ ! -d "$place" ] || [ "$place" = "virtualenvs/$4" ] || is_needed "$place" || printf '%s\n' "$place"
  done
)
is_needed() { # VIRTUALENV: by a release that is not in gone
  for link in releases/*/virtualenv; do
    n=\${link%/virtualenv} n=\${n#releases/}
    case $gone in *" $n "*) ;; *) [ ! "$link" -ef "$1" ] || return 0 ;; esac
  done
  return 1
}
superfluous_releases() ( # SITE_FOLDER NUMBER KEEP RESTARTED
  current=$(current_of "$1")
  kept=1 once=' ' twice=' '
  if [ -n "$4" ]; then once=" $(origin_of "$1" "$4") "
  elif is_kind restart "$1/releases/$2"; then once=" $(origin_of "$1" "$2") "; fi
  for n in $(release_numbers "$1"); do
    [ "$n" -lt "$2" ] || continue
    find_origin "$1" "$n"
    if [ "$n" != "$current" ] && ! is_good "$1/releases/$n"; then printf '%s\n' "$n"; continue; fi
    case $once in
      *" $origin "*)
        case $twice in
          *" $origin "*) [ "$n" = "$current" ] || printf '%s\n' "$n" ;;
          *) twice="$twice$origin " ;;
        esac
        continue
        ;;
    esac
    if [ "$n" != "$current" ] && [ "$kept" -ge "$3" ]; then printf '%s\n' "$n"; continue; fi
    kept=$((kept + 1))
    ! is_kind restart "$1/releases/$n" || once="$once$origin "
  done
)`
