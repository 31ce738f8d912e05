import { sh } from '../core/sh.ts'
import { type Explanation, type Said, type Step, step } from '../core/step.ts'
import type { Release } from './release.ts'

/** What the files of a commit take on a disk. */
export interface TreeSize {
  readonly kib: number
  readonly files: number
}

/**
 * The host's disks have room for the release, in space and in number of files: for its source and static files, for a virtualenv where
 * one must be made, and for what a run leaves in /var/lib/tasks. An assertion: it changes nothing, and holds in a dry run too.
 *
 * A release that has its source and its virtualenv is not asked for, and no process is started for it. A virtualenv is taken to grow to half as
 * much again as the one that serves, or 200 MiB where there is none.
 */
export function room(release: Release, tree: TreeSize): Step {
  const { folder, path, virtualenvName } = release
  return step({
    name: 'room',
    title: `the disk has room for release <release> of ${folder.site}`,
    as: folder.user,
    uses: [roomFunctions],
    check: sh`
      virtualenv=${folder.path}/virtualenvs/${virtualenvName}
      if [ -e ${path}/.done/source ] && [ -e "$virtualenv/.complete" ]; then exit 0; fi
      set -- /var/lib/tasks 20480 200
      [ -e ${path}/.done/source ] || set -- "$@" ${folder.path}/releases ${3 * tree.kib + spare.kib} ${2 * tree.files + spare.files}
      [ -e "$virtualenv/.complete" ] || set -- "$@" ${folder.path}/virtualenvs $(virtualenv_size ${folder.path})
      short=$(short_of_room "$@")
      [ -z "$short" ] || { printf '%s\n' "$short"; exit 1; }`,
    explain: (said) => explained(said, release),
  })
}

/** What is wanted beside the source: static files of packages, and that the database can grow. */
const spare = { kib: 30 * 1024, files: 1000 }

function explained({ output, values }: Said, { number, folder }: Release): Explanation | undefined {
  const [, what, free = '', wanted = '', place = ''] = /^room: (KiB|files) (\d+) (\d+) (.*)$/m.exec(output) ?? []
  if (what === undefined) return undefined
  const cannot = `Cannot build release ${values[number.name] ?? ''} of "${folder.site}"`
  return what === 'KiB'
    ? {
        message: `${cannot}, because ${mib(free)} MiB are free at "${place}" and about ${mib(wanted)} MiB are wanted.`,
        hint: `run on the host: df -h ${place}; app.keepReleases says how many releases stay`,
        output: '',
      }
    : {
        message: `${cannot}, because the disk takes ${free} more files at "${place}" and about ${wanted} are wanted.`,
        hint: `run on the host: df -i ${place}; app.keepReleases says how many releases stay`,
        output: '',
      }
}

function mib(kib: string): number {
  return Math.floor(Number(kib) / 1024)
}

const roomFunctions = sh`
virtualenv_size() { # SITE_FOLDER: KiB and files
  if [ -d "$1/current/virtualenv/" ]; then
    kib=$(du -sk -- "$1/current/virtualenv/" | cut -f 1)
    files=$(find "$1/current/virtualenv/" | wc -l)
    printf '%s %s' "$((kib + kib / 2 + 20480))" "$((files + files / 2 + 1000))"
  else
    printf '204800 15000'
  fi
}
short_of_room() { # PLACE KIB FILES …: places on one file system are taken together
  while [ "$#" -gt 0 ]; do
    place=$1
    until [ -d "$place" ]; do
      place=\${place%/*}
      [ -n "$place" ] || place=/
    done
    ! disk=$(stat -f -c '%i %a %S %d %c' -- "$place/" 2>/dev/null) || printf '%s %s %s %s\n' "$disk" "$2" "$3" "$place"
    shift 3
  done | awk '
    {
      id = $1
      free[id] = $2 * $3 / 1024
      files[id] = $5 > 0 ? $4 : -1
      wanted_kib[id] += $6
      wanted_files[id] += $7
      place[id] = $8
    }
    END {
      for (id in free) {
        if (free[id] < wanted_kib[id]) printf "room: KiB %.0f %.0f %s\n", free[id], wanted_kib[id], place[id]
        else if (files[id] >= 0 && files[id] < wanted_files[id]) printf "room: files %.0f %.0f %s\n", files[id], wanted_files[id], place[id]
      }
    }'
}`
