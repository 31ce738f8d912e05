import { hostname, userInfo } from 'node:os'
import { sh } from '../core/sh.ts'
import { hostValue, type Step, step } from '../core/step.ts'
import { namesChanged } from './environment.ts'
import { afterMarks } from './environment-file.ts'
import { home } from './home.ts'
import { hostTrouble } from './host-trouble.ts'
import { type MadeRelease, previousNumber, releaseNumber, socketPath } from './release.ts'
import { historyFunctions } from './release-history.ts'
import { siteFolder } from './site-layout.ts'
import { unitFunctions } from './site-unit.ts'
import { stampFunctions } from './stamp.ts'

/** A new release that is made from an older one on the host: a rollback, a restart. */
export interface CopiedRelease extends MadeRelease {
  readonly kind: 'rollback' | 'restart'
}

/** The number of the release that a copy is made from. */
export const fromNumber = hostValue('from')
const commit = hostValue('commit')
const virtualenvName = hostValue('virtualenv')

/** The release that will be a copy: of which one, and so what is in it, only the host knows. */
export function copyOf(options: {
  readonly kind: CopiedRelease['kind']
  readonly site: string
  readonly user: string
}): CopiedRelease {
  const { kind, site } = options
  const folder = siteFolder({ ...options, home })
  return {
    kind,
    site: { name: site },
    folder,
    number: releaseNumber,
    previous: previousNumber,
    path: sh`${folder.path}/releases/${releaseNumber}`,
    unit: sh`gunicorn-${site}@${releaseNumber}.service`,
    virtualenvName: sh`${virtualenvName}`,
    commit: { id: commit },
  }
}

/** What is in the older release, as values: its commit, its virtualenv. Reads the copy itself where it is there already. */
export function copiedValues({ folder: { path }, number }: CopiedRelease): readonly Step[] {
  return [
    step({
      name: 'commit',
      title: 'the commit of that release',
      value: commit,
      uses: [historyFunctions],
      check: sh`story_of ${path} ${number} ${fromNumber} | sed -n 's/.*"commit":"\([0-9a-f]*\)".*/\1/p'`,
    }),
    step({
      name: 'virtualenv',
      title: 'the virtualenv of that release',
      value: virtualenvName,
      check: sh`
        link=$(readlink -- ${path}/releases/${number}/virtualenv || readlink -- ${path}/releases/${fromNumber}/virtualenv || :)
        printf %s "\${link##*/}"`,
    }),
  ]
}

/**
 * The older release's files under the new number: source, static files, overlay, the same virtualenv, and its environment: a rollback's
 * is that of then; a restart's is made anew where the site's variables on the host are younger than the release.
 *
 * Copied beside and renamed, so it is whole where it is there, which is what the check looks for; what names the release is written anew.
 * Nothing is left of a copy that fails.
 */
export function copied(release: CopiedRelease): Step {
  const { folder, kind, number, path, site } = release
  const who = `${userInfo().username}@${hostname()}`
  const story = JSON.stringify({ site: site.name, kind, who }).slice(1)
  return step({
    name: 'copied',
    title: `release <release> of ${folder.site} is made from release <from>`,
    as: folder.user,
    uses: [stampFunctions, unitFunctions, historyFunctions, namesChanged, copiedEnvironment, copyFunctions],
    check: sh`[ -d ${path} ]`,
    apply: sh`copy_release ${kind} ${folder.path} ${fromNumber} ${number} ${socketPath(release)} ${story}`,
    preview: sh`
      printf 'release %s: commit %.12s\n' ${fromNumber} ${commit}
      [ -d ${path} ] || printf '+ %s\n' ${path}
      environment_for ${kind} ${folder.path} ${fromNumber} | changed_names ${folder.path}/releases/${fromNumber}/env`,
    explain: (said) => hostTrouble(said, `Cannot copy release ${said.values[fromNumber.name] ?? ''} of "${site.name}"`),
  })
}

/** Host functions that print the environment of a copy, before it is made. */
export const copiedEnvironment = sh`
environment_for() ( # KIND SITE_FOLDER FROM
  old=$2/releases/$3
  if [ "$1" != restart ] || ! { [ "$2/env/stage.env" -nt "$old/release.json" ] || [ "$2/env/config.env" -nt "$old/release.json" ]; }; then
    cat -- "$old/env"
    exit
  fi
  sed ${`/^${afterMarks.stage}$/,$d; /^${afterMarks.config}$/,$d`} "$old/env"
  case $(grep -m 1 -x -F -e ${afterMarks.stage} -e ${afterMarks.config} "$old/env") in
    ${afterMarks.stage}) printf '%s\n' ${afterMarks.stage}; cat -- "$2/env/stage.env" ;;
  esac
  [ ! -f "$2/env/config.env" ] || { printf '%s\n' ${afterMarks.config}; cat -- "$2/env/config.env"; }
)`

const copyFunctions = sh`
copy_release() ( # KIND SITE_FOLDER FROM NUMBER SOCKET STORY
  cd -- "$2/releases"
  new=.$4.new made=$4 repository=$2/repository.git
  rm -rf -- "$new"
  trap '[ -d "$made" ] || { rm -rf -- "$new"; git --git-dir="$repository" update-ref -d "refs/releases/$made" 2>/dev/null || :; }' EXIT
  cp -a -- "$3" "$new"
  rm -f -- "$new/.done/healthy" "$new/.done/switched" "$new/.done/switched.new" "$new/socket" "$new/release.json" "$new/env"
  ln -s -- "$5" "$new/socket"
  (umask 077 && environment_for "$1" "$2" "$3" >"$new/env")
  for file in overlay/overlay.json facts.json; do
    if [ -f "$new/$file" ]; then
      sed "s#$2/releases/$3/#$2/releases/$4/#g" "$3/$file" >"$new/$file.new"
      mv -f -- "$new/$file.new" "$new/$file"
    fi
  done
  read -r identity <"$3/.done/identity"
  told=$(sed -n -E 's/.*("commit":"[0-9a-f]*").*/\1/p' "$3/release.json"),$(sed -n -E 's/.*("subject":"([^"\\]|\\.)*").*/\1/p' "$3/release.json"),$(sed -n -E 's/.*("ref":"([^"\\]|\\.)*").*/\1/p' "$3/release.json")
  printf '{"number":%s,"identity":"%s","when":"%s","from":%s,%s,%s\n' "$4" "$identity" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$3" "$told" "$6" >"$new/release.json"
  if commit=$(git --git-dir="$repository" rev-parse --verify --quiet "refs/releases/$3"); then
    git --git-dir="$repository" update-ref "refs/releases/$made" "$commit"
  fi
  stamp "$new/.done/origin" "$(origin_of "$2" "$3")"
  sync -- "$new/release.json" 2>/dev/null || sync
  mv -T -- "$new" "$4"
)`
