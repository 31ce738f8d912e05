import type { Site } from '../core/app.ts'
import { type HostValue, type Shell, sh } from '../core/sh.ts'
import { hostValue, type Step, step } from '../core/step.ts'
import { type Environment, environmentFunctions, isEnvironment } from './environment-file.ts'
import { linksAre } from './path.ts'
import type { SiteFolder } from './site-layout.ts'
import { unitFunctions } from './site-unit.ts'
import { stampFunctions } from './stamp.ts'

/** One numbered, immutable version of a site: everything that its steps need to know, computed before the run. */
export interface Release {
  readonly site: Site
  readonly folder: SiteFolder
  /** The number that this deploy makes or finds. */
  readonly number: HostValue
  /** The number that served when the run began; empty where none did. */
  readonly previous: HostValue
  /** `~/sites/SITE/releases/NUMBER` */
  readonly path: Shell
  /** A word: what the release is made from. Two releases with the same one, and the same environment, are the same. */
  readonly identity: Shell
  /** A word: `gunicorn-SITE@NUMBER.service` */
  readonly unit: Shell
  /** A word: the name of the virtualenv, which other releases that need the same share. */
  readonly virtualenvName: Shell
  readonly commit: ReleasedCommit
  readonly environment: Environment
  /** What `release.json` tells, as JSON text without what only the host knows. */
  readonly story: Readonly<Record<string, unknown>>
}

/** What a release is to the steps that start it, switch to it and clear up after it, however it was made. */
export type MadeRelease = Pick<Release, 'folder' | 'number' | 'previous' | 'path' | 'unit' | 'virtualenvName'> & {
  readonly site: Pick<Site, 'name'>
  /** Where only the host knows the commit, a value of the host's. */
  readonly commit: { readonly id: string | HostValue }
}

export interface ReleasedCommit {
  readonly id: string
  readonly subject: string
  readonly ref: string
}

export const releaseNumber = hostValue('release')
export const previousNumber = hostValue('previous')

/** A stamp of the release: `.done/source`. */
export function doneFile(release: Pick<Release, 'path'>, what: string): Shell {
  return sh`${release.path}/.done/${what}`
}

/**
 * Which release this deploy is about: the current one where that is what is wanted already; else an unfinished one of the same
 * identity, whose work is taken up again; else the next number. Nothing is written.
 */
export function numbered(release: Release): readonly Step[] {
  const { path } = release.folder
  const { stage } = release.environment
  const previous = step({
    name: 'running release',
    title: `the release that runs now`,
    as: release.folder.user,
    value: release.previous,
    uses: [unitFunctions],
    check: sh`current_of ${path}`,
  })
  const number = step({
    name: 'release number',
    title: `the release that this deploy is about`,
    as: release.folder.user,
    value: release.number,
    data: stage === undefined ? [] : [stage],
    uses: [environmentFunctions, stampFunctions, unitFunctions, numberFunctions],
    check: sh`
      environment_is() { ${isEnvironment(release.folder, release.environment, sh`"$1"`)}; }
      wanted_release ${path} ${release.identity}`,
  })
  return [previous, number]
}

const numberFunctions = sh`
wanted_release() { # SITE_FOLDER IDENTITY
  now=$(current_of "$1")
  if [ -n "$now" ] && is_same "$1/releases/$now" "$2" && environment_is "$1/releases/$now/env"; then
    printf %s "$now"
    return
  fi
  # An older one that never served stays behind: the highest that was switched to is the last one.
  highest=0 unfinished=\${now:-0}
  for folder in "$1"/releases/*; do
    n=\${folder##*/}
    case $n in *[!0-9]* | 0*) continue ;; esac
    [ "$n" -le "$highest" ] || highest=$n
    if [ "$n" -gt "$unfinished" ] && is_resumable "$1/releases/$n" "$2"; then unfinished=$n; fi
  done
  [ "$unfinished" -gt "\${now:-0}" ] || unfinished=$((highest + 1))
  printf %s "$unfinished"
}
is_same() {
  stamped "$1/.done/identity" "$2"
}
is_resumable() {
  is_same "$1" "$2" && ! [ -e "$1/.bad" ] && ! [ -e "$1/.done/switched" ] && { ! [ -e "$1/env" ] || environment_is "$1/env"; }
}`

/**
 * The release's folder: its identity, its links to what it shares, and `release.json`, which tells what it is. Of the releases that were found
 * bad only the newest one is left beside it, so that they do not fill the disk while none is good.
 *
 * Checks the identity and the links; the time in `release.json` is the host's, from when the folder was made.
 */
export function releaseFolder(release: Release): Step {
  const { path, identity, number, folder, virtualenvName } = release
  const linked = [
    sh`${path}/virtualenv`,
    sh`../../virtualenvs/${virtualenvName}`,
    sh`${path}/database`,
    '../../database',
    sh`${path}/socket`,
    socketPath(release),
  ]
  const story = JSON.stringify(release.story).slice(1)
  return step({
    name: 'release folder',
    title: `release <release> of ${folder.site} has its folder`,
    as: folder.user,
    uses: [stampFunctions, linksAre, folderFunctions],
    check: sh`stamped ${doneFile(release, 'identity')} ${identity} && [ -f ${path}/release.json ] && links_are ${linked}`,
    apply: sh`
      forget_bad_releases ${folder.path}
      mkdir -p -- ${path}/.done
      make_release_links ${linked}
      [ -f ${path}/release.json ] || write_story ${path} ${number} ${identity} ${story}
      stamp ${doneFile(release, 'identity')} ${identity}`,
    preview: sh`
      printf '%s\n' ${`commit ${release.commit.id.slice(0, 12)} ${release.commit.subject}`}
      older_bad_releases ${folder.path} | sed 's/^/- /'`,
  })
}

/** A word: where the release's gunicorn listens. systemd makes the folder when it starts it. */
export function socketPath({ site, number }: Pick<MadeRelease, 'site' | 'number'>): Shell {
  return sh`/run/gunicorn-${site.name}/${number}/socket`
}

const folderFunctions = sh`
older_bad_releases() ( # SITE_FOLDER
  cd -- "$1/releases" 2>/dev/null || exit 0
  kept=
  for n in $(ls | grep -x '[1-9][0-9]*' | sort -nr); do
    [ -e "$n/.bad" ] || continue
    [ -z "$kept" ] || printf 'releases/%s\n' "$n"
    kept=1
  done
)
forget_bad_releases() { # SITE_FOLDER
  older_bad_releases "$1" | while IFS= read -r each; do
    git --git-dir="$1/repository.git" update-ref -d "refs/$each" 2>/dev/null || :
    rm -rf -- "$1/$each"
  done
}
make_release_links() ( # LINK TARGET …
  while [ "$#" -gt 0 ]; do
    ln -sfn -- "$2" "$1"
    shift 2
  done
)
write_story() { # FOLDER NUMBER IDENTITY REST
  printf '{"number":%s,"identity":"%s","when":"%s",%s\n' "$2" "$3" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$4" >"$1/release.json.new"
  sync -- "$1/release.json.new" 2>/dev/null || sync
  mv -f -- "$1/release.json.new" "$1/release.json"
}`
