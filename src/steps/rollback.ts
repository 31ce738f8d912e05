import { hostname, userInfo } from 'node:os'
import { sh } from '../core/sh.ts'
import { type Explanation, hostValue, type Said, type Step, step } from '../core/step.ts'
import { home } from './home.ts'
import { type MadeRelease, previousNumber, releaseNumber, socketPath } from './release.ts'
import { siteFolder } from './site-layout.ts'
import { unitFunctions } from './site-unit.ts'
import { stampFunctions } from './stamp.ts'
import { switchedTo } from './switch.ts'

/** A new release, made from an old one that was good. */
export interface Rollback extends MadeRelease {
  /** The number that was asked for; undefined for the newest good one before what serves. */
  readonly to: number | undefined
}

interface RollbackOptions {
  readonly site: string
  readonly user: string
  readonly to: number | undefined
}

const fromNumber = hostValue('from')
const commit = hostValue('commit')

/** The release that a rollback makes: which one it is made from, and so what is in it, only the host knows. */
export function rollbackOf({ site, user, to }: RollbackOptions): Rollback {
  const folder = siteFolder({ site, user, home })
  return {
    site: { name: site },
    folder,
    number: releaseNumber,
    previous: previousNumber,
    path: sh`${folder.path}/releases/${releaseNumber}`,
    unit: sh`gunicorn-${site}@${releaseNumber}.service`,
    virtualenvName: sh`${hostValue('virtualenv')}`,
    commit: { id: commit },
    to,
  }
}

/**
 * From which release to which: the one asked for, or the newest good one that is older than what serves; and the current release
 * where it is made from that already, else an unfinished rollback to it, else the next number. Nothing is written.
 *
 * Older than what serves: a rollback that serves counts as the release that it is a copy of, so that a second one goes further
 * back. One whose work was cut short after the switch is taken up again.
 */
export function rollbackNumbers(release: Rollback): readonly Step[] {
  const { folder, number, previous, to } = release
  const { path, site } = folder
  const uses = [unitFunctions, rollbackFunctions]
  const from = to === undefined ? '' : String(to)
  return [
    step({
      name: 'release before',
      title: `an older release of ${site} that was good`,
      value: fromNumber,
      uses,
      check: sh`rollback_from ${path} gunicorn-${site} ${from}`,
      explain: (said) => ({ ...unusable(release, said), output: '' }),
    }),
    step({
      name: 'running release',
      title: 'the release that runs now',
      value: previous,
      uses,
      check: sh`current_of ${path}`,
    }),
    step({
      name: 'release number',
      title: 'the release that this rollback is about',
      value: number,
      uses,
      check: sh`rollback_number ${path} ${fromNumber}`,
    }),
    step({
      name: 'commit',
      title: 'the commit of that release',
      value: commit,
      uses,
      check: sh`story_of ${path} ${number} ${fromNumber} | sed -n 's/.*"commit":"\([0-9a-f]*\)".*/\1/p'`,
    }),
    step({
      name: 'virtualenv',
      title: 'the virtualenv of that release',
      value: hostValue('virtualenv'),
      check: sh`
        link=$(readlink -- ${path}/releases/${number}/virtualenv || readlink -- ${path}/releases/${fromNumber}/virtualenv || :)
        printf %s "\${link##*/}"`,
    }),
  ]
}

function unusable({ site, to }: Rollback, { output }: Said): Explanation {
  const [, why = '', rest = ''] = /^rollback: (\S+) ?(.*)$/m.exec(output) ?? []
  const cannot = `Cannot roll back "${site.name}"`
  const good = `its good releases: ${rest}`
  switch (why) {
    case 'first':
      return {
        message: `${cannot}, because release ${rest} is its first good one.`,
        hint: `deploy another commit: tasks deploy --site ${site.name} --ref REF`,
      }
    case 'missing':
      return { message: `${cannot} to release ${to}, because there is no such release.`, hint: good }
    case 'bad':
      return { message: `${cannot} to release ${to}, because it was found bad.`, hint: good }
    case 'unserved':
      return { message: `${cannot} to release ${to}, because it never served.`, hint: good }
    default:
      return {
        message: `${cannot}, because it was never deployed to this host.`,
        hint: `run: tasks deploy --site ${site.name}`,
      }
  }
}

/** Names the migrations that came after the old release: its database stays as it is. Changes nothing. */
export function migrationsLeft({ folder, number }: Rollback): Step {
  return step({
    name: 'migrations',
    title: `migrations that came after the older release of ${folder.site} are known`,
    uses: [unitFunctions, rollbackFunctions],
    check: sh`later_migrations ${folder.path} ${fromNumber} ${number}`,
    tell: ({ output }) => {
      const names = output.split('\n').filter((line) => line !== '')
      if (names.length === 0) return []
      return [
        {
          kind: 'warning',
          message: `The rollback does not undo migrations, and the older release does not know these: ${names.join(', ')}.`,
          hint: 'where the older release cannot live with them, undo them first with manage.py migrate, on the host',
        },
      ]
    },
  })
}

/**
 * The old release's files under the new number: source, static files, overlay, environment, the same virtualenv. Copied beside and
 * renamed, so it is whole where it is there, which is what the check looks for; what names the release is written anew.
 */
export function copied(release: Rollback): Step {
  const { folder, number, path, site } = release
  const who = `${userInfo().username}@${hostname()}`
  const story = JSON.stringify({ site: site.name, kind: 'rollback', who }).slice(1)
  return step({
    name: 'copied',
    title: `release <release> of ${folder.site} is made from release <from>`,
    as: folder.user,
    uses: [stampFunctions, unitFunctions, rollbackFunctions],
    check: sh`[ -d ${path} ]`,
    apply: sh`copy_release ${folder.path} ${fromNumber} ${number} ${socketPath(release)} ${story}`,
    preview: sh`printf 'release %s: commit %.12s\n' ${fromNumber} ${commit}; [ -d ${path} ] || printf '+ %s\n' ${path}`,
    explain: ({ output }) =>
      output.includes('No space left on device')
        ? { message: `Cannot copy the older release of "${site.name}", because the disk is full.`, hint: 'run: df -h' }
        : undefined,
  })
}

/** As `switchedTo`; tells how to undo it. */
export function switchedBack(release: Rollback): Step {
  const switched = switchedTo(release)
  const { folder, previous } = release
  return {
    ...switched,
    tell: (said) => [
      ...(switched.tell?.(said) ?? []),
      ...(said.verdict === 'changed'
        ? [
            {
              kind: 'note' as const,
              message: `Release ${said.values[release.number.name]} of "${folder.site}" is made from release ${said.values[fromNumber.name]}.`,
              hint: `to undo the rollback: tasks rollback --site ${folder.site} --to ${said.values[previous.name]}`,
            },
          ]
        : []),
    ],
  }
}

const rollbackFunctions = sh`
release_numbers() { # SITE_FOLDER: newest first
  [ ! -d "$1/releases" ] || ls -- "$1/releases" | { grep -x '[1-9][0-9]*' || :; } | sort -nr
}
is_good() { # RELEASE
  [ -e "$1/.done/switched" ] && ! [ -e "$1/.bad" ]
}
origin_of() { # SITE_FOLDER NUMBER: the release that it is a copy of, or itself
  if [ -f "$1/releases/$2/.done/origin" ] && IFS= read -r origin_line <"$1/releases/$2/.done/origin"; then
    printf %s "$origin_line"
  else
    printf %s "$2"
  fi
}
story_of() { # SITE_FOLDER NUMBER OTHER
  cat -- "$1/releases/$2/release.json" 2>/dev/null || cat -- "$1/releases/$3/release.json" 2>/dev/null || :
}
rollback_fails() { # WHY SITE_FOLDER
  good=
  for n in $(release_numbers "$2"); do ! is_good "$2/releases/$n" || good="$good, $n"; done
  printf 'rollback: %s %s\n' "$1" "\${good#, }"
  exit 1
}
rollback_from() ( # SITE_FOLDER UNIT_PREFIX WANTED
  now=$(current_of "$1")
  [ -n "$now" ] || rollback_fails never "$1"
  if [ -n "$3" ]; then
    [ -d "$1/releases/$3" ] || rollback_fails missing "$1"
    ! [ -e "$1/releases/$3/.bad" ] || rollback_fails bad "$1"
    is_good "$1/releases/$3" || rollback_fails unserved "$1"
    printf %s "$3"
    exit 0
  fi
  origin=$(origin_of "$1" "$now")
  if [ "$origin" != "$now" ] && site_instances "$2" | grep -q -v -x -- "$now"; then
    printf %s "$origin"
    exit 0
  fi
  for n in $(release_numbers "$1"); do
    if [ "$n" -lt "$origin" ] && is_good "$1/releases/$n"; then
      printf %s "$n"
      exit 0
    fi
  done
  printf 'rollback: first %s\n' "$origin"
  exit 1
)
rollback_number() ( # SITE_FOLDER FROM
  now=$(current_of "$1")
  origin=$(origin_of "$1" "$2")
  if [ "$(origin_of "$1" "$now")" = "$origin" ]; then
    printf %s "$now"
    exit 0
  fi
  highest=0
  for n in $(release_numbers "$1"); do
    [ "$highest" -gt 0 ] || highest=$n
    [ "$n" -gt "$now" ] || break
    release=$1/releases/$n
    if [ -f "$release/.done/origin" ] && [ "$(origin_of "$1" "$n")" = "$origin" ] && ! [ -e "$release/.bad" ] && ! [ -e "$release/.done/switched" ]; then
      printf %s "$n"
      exit 0
    fi
  done
  printf %s "$((highest + 1))"
)
migrations_of() ( # SOURCE
  cd -- "$1" 2>/dev/null || exit 0
  find . -type f -path '*/migrations/*.py' ! -name __init__.py | sed -n 's#^.*/\([^/]*\)/migrations/\([^/]*\)\.py$#\1.\2#p' | sort -u
)
later_migrations() { # SITE_FOLDER FROM NUMBER
  serving=$(current_of "$1")
  if [ "$serving" != "$3" ] && [ -d "$1/releases/$2/source" ]; then
    known=$(migrations_of "$1/releases/$2/source")
    migrations_of "$1/releases/$serving/source" | while IFS= read -r migration; do
      printf '%s\n' "$known" | grep -q -x -F -- "$migration" || printf '%s\n' "$migration"
    done
  fi
}
copy_release() ( # SITE_FOLDER FROM NUMBER SOCKET STORY
  cd -- "$1/releases"
  new=.$3.new
  rm -rf -- "$new"
  cp -a -- "$2" "$new"
  rm -f -- "$new/.done/healthy" "$new/.done/switched" "$new/socket" "$new/release.json"
  ln -s -- "$4" "$new/socket"
  for file in overlay/overlay.json facts.json; do
    if [ -f "$new/$file" ]; then
      sed "s#$1/releases/$2/#$1/releases/$3/#g" "$2/$file" >"$new/$file.new"
      mv -f -- "$new/$file.new" "$new/$file"
    fi
  done
  read -r identity <"$2/.done/identity"
  told=$(sed -n -E 's/.*("commit":"[0-9a-f]*").*/\1/p' "$2/release.json"),$(sed -n -E 's/.*("subject":"([^"\\]|\\.)*").*/\1/p' "$2/release.json"),$(sed -n -E 's/.*("ref":"([^"\\]|\\.)*").*/\1/p' "$2/release.json")
  printf '{"number":%s,"identity":"%s","when":"%s","from":%s,%s,%s\n' "$3" "$identity" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$2" "$told" "$5" >"$new/release.json"
  if commit=$(git --git-dir="$1/repository.git" rev-parse --verify --quiet "refs/releases/$2"); then
    git --git-dir="$1/repository.git" update-ref "refs/releases/$3" "$commit"
  fi
  stamp "$new/.done/origin" "$(origin_of "$1" "$2")"
  sync -- "$new/release.json" 2>/dev/null || sync
  mv -T -- "$new" "$3"
)`
