import { type HostValue, quote, type Shell, sh } from '../core/sh.ts'
import { type Explanation, type Step, step } from '../core/step.ts'

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
 * may itself be a link, to a larger disk; something else that stands where a link should is left alone.
 */
export function siteLayout(folder: SiteFolder): Step {
  const each = folders.map(([below, mode]) => ({ path: sh`${folder.path}${below}`, mode }))
  const args = each.flatMap(({ path, mode }) => [mode, path])
  return step({
    name: 'site folder',
    title: `site ${folder.site} has its folder`,
    as: folder.user,
    uses: [layoutFunctions],
    check: sh`folders_are ${args} && links_lead ${folder.path} ${links}`,
    apply: sh`
      make_folders ${args}
      make_links ${folder.path} ${links}`,
    preview: sh`
      missing_folders ${args}
      missing_links ${folder.path} ${links}`,
    explain: ({ output }) => explained(folder, output),
  })
}

/** A user cannot take back what belongs to root, and root does not give away what a user's link may lead to. */
function explained({ site, user }: SiteFolder, output: string): Explanation | undefined {
  const [, path, owner] = /^its folder (.*) belongs to (\S+)$/m.exec(output) ?? []
  if (path === undefined) return undefined
  return {
    message: `Cannot use "${path}" for "${site}", because it belongs to ${owner}.`,
    hint: `as root on the host: chown ${user}: ${quote(path)}`,
  }
}

const layoutFunctions = sh`
folders_are() { # MODE PATH …
  [ -z "$(missing_folders "$@")" ]
}
missing_folders() (
  while [ "$#" -gt 0 ]; do
    if ! [ -d "$2" ]; then printf '+ %s\n' "$2"
    elif [ "$(stat -L -c %a -- "$2")" != "$1" ]; then printf 'mode %s %s\n' "$1" "$2"
    elif ! [ -w "$2" ]; then printf 'owner %s %s\n' "$(id -un)" "$2"; fi
    shift 2
  done
)
make_folders() (
  while [ "$#" -gt 0 ]; do
    mkdir -p -- "$2"
    if [ -O "$2" ]; then chmod "$1" -- "$2"
    elif ! [ -w "$2" ]; then
      printf 'its folder %s belongs to %s\n' "$2" "$(stat -L -c %U -- "$2")"
      exit 1
    fi
    shift 2
  done
)
links_lead() {
  [ -z "$(missing_links "$@")" ]
}
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
