import { type HostValue, quote, type Shell, sh } from '../core/sh.ts'
import { type Explanation, type Said, type Step, step } from '../core/step.ts'
import { hostTrouble, pathTrouble } from './host-trouble.ts'
import { linksAre } from './path.ts'

/** Where a site lives on its host. The words hold host values, so they are known for sure only there. */
export interface SiteFolder {
  readonly site: string
  /** The user who owns the folder, and runs the site. */
  readonly user: string
  readonly home: HostValue
  /** `~/sites/SITE` */
  readonly path: Shell
}

export function siteFolder({ site, user, home }: Omit<SiteFolder, 'path'>): SiteFolder {
  return { site, user, home, path: sh`${home}/sites/${site}` }
}

/** What outlives releases, and what holds them; the folders of secrets are for the user alone. */
const folders = [
  ['', '755'],
  ['/database', '700'],
  ['/media', '755'],
  ['/shared', '755'],
  ['/env', '700'],
  ['/virtualenvs', '755'],
  ['/releases', '755'],
] as const

const links = ['source', 'static', 'virtualenv'] as const

/**
 * The folders of a site, and links to what is current: `source`, `static`, `virtualenv`.
 *
 * Checks that each folder is there with its mode, and that each link leads where it should; makes what is missing. A folder
 * may itself be a link, to a larger disk; something else that stands where a link should is left alone. Folders that root made
 * are given to the site's user; the data in them is left to people.
 */
export function siteLayout(folder: SiteFolder): readonly Step[] {
  const each = folders.map(([below, mode]) => ({ path: sh`${folder.path}${below}`, mode }))
  const args = each.flatMap(({ path, mode }) => [mode, path])
  const layout = step({
    name: 'site folder',
    title: `site ${folder.site} has its folder`,
    as: folder.user,
    uses: [linksAre, layoutFunctions],
    check: sh`
      folders_are ${args} || finds_nothing missing_folders ${args}
      links_are ${links.flatMap((name) => [sh`${folder.path}/${name}`, `current/${name}`])} || finds_nothing missing_links ${folder.path} ${links}`,
    apply: sh`
      make_folders ${args}
      make_links ${folder.path} ${links}`,
    preview: sh`
      missing_folders ${args}
      missing_links ${folder.path} ${links}`,
    explain: (said) => explained(folder, said),
  })
  return folder.user === 'root' ? [layout] : [ownedByUser(folder), layout]
}

/** What a `sudo` too much left: root's folders among the site's own. */
function ownedByUser({ site, user, path }: SiteFolder): Step {
  return step({
    name: 'site owner',
    title: `the folders of ${site} belong to ${user}`,
    uses: [ownerFunctions],
    check: sh`found=$(folders_of_root ${path}); [ -z "$found" ]`,
    apply: sh`give_folders ${path} ${user}`,
    preview: sh`folders_of_root ${path} | sed ${`s/^/${user}: /`}`,
  })
}

// The user may put a link anywhere here: root goes to the folder first, makes sure where it is, and names nothing but what is in it.
// What belongs to root is found without starting a process: root's own test says so.
const ownerFunctions = sh`
folders_of_root() ( # SITE_FOLDER
  cd -P -- "$1" 2>/dev/null && [ "$(pwd -P)" = "$1" ] && [ -O / ] || exit 0
  for name in . ${folders.filter(([below]) => below !== '').map(([below]) => below.slice(1))} repository.git; do
    if [ -O "$name" ] && [ -d "$name" ] && ! [ -L "$name" ]; then printf '%s\n' "$name"; fi
  done
)
give_folders() ( # SITE_FOLDER USER
  found=$(folders_of_root "$1")
  cd -P -- "$1" && [ "$(pwd -P)" = "$1" ]
  for name in $found; do
    case $name in
      env | releases | virtualenvs | repository.git) chown -R -h -- "$2:" "./$name" ;;
      *) chown -h -- "$2:" "./$name" ;;
    esac
  done
)`

function explained({ site, user }: SiteFolder, said: Said): Explanation | undefined {
  const cannot = `Cannot make the folder of "${site}"`
  const [, inTheWay] = /^not a folder: (.*)$/m.exec(said.output) ?? []
  if (inTheWay !== undefined) {
    return {
      message: `${cannot}, because "${inTheWay}" is no folder.`,
      hint: `look at it, and move it away: mv ${quote(inTheWay)} ${quote(`${inTheWay}.old`)}`,
    }
  }
  const [, nowhere, target] = /^leads nowhere: (.*) -> (.*)$/m.exec(said.output) ?? []
  if (nowhere !== undefined) {
    return {
      message: `${cannot}, because the symbolic link "${nowhere}" leads to no folder: ${target}.`,
      hint: `make it lead to one, mount what it leads to, or remove it: rm ${quote(nowhere)}`,
    }
  }
  const [, owned, owner] = /^its folder (.*) belongs to (\S+)$/m.exec(said.output) ?? []
  if (owned !== undefined) {
    return {
      message: `Cannot use "${owned}" for "${site}", because it belongs to ${owner}.`,
      hint: `as root on the host: chown ${user}: ${quote(owned)}`,
    }
  }
  return hostTrouble(said, cannot) ?? pathTrouble(said, cannot)
}

const layoutFunctions = sh`
folders_are() ( # MODE PATH …: the user's own, with these modes; one process looks at all, and where it says no the next ones tell why
  wanted='' left=$#
  while [ "$left" -gt 0 ]; do
    [ -d "$2" ] && [ -w "$2" ] || exit 1
    wanted=$wanted$NL$1
    set -- "$@" "$2"
    shift 2
    left=$((left - 2))
  done
  [ "$NL$(stat -L -c %a -- "$@")" = "$wanted" ]
)
finds_nothing() {
  [ -z "$("$@")" ]
}
missing_folders() (
  site=$2
  while [ "$#" -gt 0 ]; do
    if ! [ -d "$2" ]; then printf '+ %s\n' "$2"
    elif [ "$(stat -L -c %a -- "$2")" != "$1" ]; then printf 'mode %s %s\n' "$1" "$2"
    elif ! [ -w "$2" ] && ! is_given "$site" "$2"; then printf 'owner %s %s\n' "$(id -un)" "$2"; fi
    shift 2
  done
)
is_given() { # SITE_FOLDER PATH: root's, and so the user's since the step before
  [ "$(stat -c %u -- "$2")" = 0 ] && ! [ -L "$2" ] && [ "$(cd -P -- "$1" && pwd -P)" = "$1" ]
}
make_folders() (
  while [ "$#" -gt 0 ]; do
    if ! [ -d "$2" ] && [ -L "$2" ]; then
      printf 'leads nowhere: %s -> %s\n' "$2" "$(readlink -- "$2")"
      exit 1
    fi
    if ! [ -d "$2" ] && [ -e "$2" ]; then
      printf 'not a folder: %s\n' "$2"
      exit 1
    fi
    mkdir -p -- "$2"
    if [ -O "$2" ]; then chmod "$1" -- "$2"
    elif ! [ -w "$2" ]; then
      printf 'its folder %s belongs to %s\n' "$2" "$(stat -L -c %U -- "$2")"
      exit 1
    fi
    shift 2
  done
)
missing_links() ( # FOLDER NAME …: what a person put there in place of a link stays
  folder=$1
  shift
  for name in "$@"; do
    if [ -L "$folder/$name" ]; then
      [ "$(readlink "$folder/$name")" = "current/$name" ] || printf '~ %s\n' "$folder/$name"
    elif ! [ -e "$folder/$name" ]; then printf '+ %s\n' "$folder/$name"; fi
  done
)
make_links() (
  folder=$1
  shift
  for name in "$@"; do
    if [ -L "$folder/$name" ] || ! [ -e "$folder/$name" ]; then
      ln -sfn -- "current/$name" "$folder/$name"
    fi
  done
)`
