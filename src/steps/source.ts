import type { Stream } from '../core/data.ts'
import { type Shell, sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import { doneFile, type Release } from './release.ts'
import { stampFunctions } from './stamp.ts'

/** Where a release's code comes from. */
export type SourceOrigin = (
  | {
      /** The client's repository: it sends what the host lacks. */
      readonly kind: 'bundle'
      readonly bundle: (hostHas: string) => Promise<Uint8Array>
      /** Commits whose parents the client lacks, too. */
      readonly shallow: readonly string[]
    }
  | {
      /** A repository that the host itself can reach. */
      readonly kind: 'clone'
      readonly url: string
    }
) & {
  /** The project's folder in the repository; empty for the whole. */
  readonly directory: string
  /** Committed files that no release may have, such as a developer's `.env`. */
  readonly leftOut: readonly string[]
}

/**
 * The files of the commit in the release's `source`, as a checkout has them.
 *
 * Checks a stamp. Fetches what `repository.git` lacks, from a thin bundle over the same channel or from the URL, and checks the
 * project's folder out of it, beside and then renamed.
 */
export function source(release: Release, origin: SourceOrigin): Step {
  const { commit, folder, path } = release
  const repository = sh`${folder.path}/repository.git`
  const line = `${commit.id}:${origin.directory}`
  const sent = origin.kind === 'bundle' ? bundled(release, origin) : undefined
  const fetch =
    sent === undefined
      ? sh`fetch_from ${repository} ${commit.id} ${origin.kind === 'clone' ? origin.url : ''}`
      : sh`fetch_bundle ${repository} ${commit.id} ${sent}`
  return step({
    name: 'source',
    title: `release <release> of ${folder.site} has its source: ${commit.id.slice(0, 12)} ${commit.subject}`,
    as: folder.user,
    data: sent === undefined ? [] : [sent],
    uses: [stampFunctions, repositoryFunctions],
    check: sh`[ -d ${path}/source ] && stamped ${doneFile(release, 'source')} ${line}`,
    apply: sh`
      make_repository ${repository} ${origin.kind === 'bundle' ? origin.shallow : []}
      has_commit ${repository} ${commit.id} || ${fetch}
      hold_commit ${repository} ${release.number} ${commit.id}
      check_out ${repository} ${line} ${path}/source ${origin.leftOut}
      stamp ${doneFile(release, 'source')} ${line}
      git --git-dir=${repository} -c gc.autoDetach=false gc --auto --quiet || :`,
    preview: sh`printf '%s\n' ${`${commit.ref}: ${commit.id.slice(0, 12)} ${commit.subject}`}`,
    explain: ({ output }) => explained(output, origin),
  })
}

/** The host is asked before the first step, when no host value is known: so it is the user's own home that is looked in. */
function bundled(
  { commit, folder }: Release,
  { bundle }: { readonly bundle: (hostHas: string) => Promise<Uint8Array> },
): Stream {
  return {
    kind: 'stream',
    id: 'source.bundle',
    as: folder.user,
    question: question(folder.site, commit.id),
    answer: bundle,
  }
}

function question(site: string, commit: string): Shell {
  return sh`
    repository="$HOME"/sites/${site}/repository.git
    held=$(git --git-dir="$repository" for-each-ref --count=1 --contains ${commit} refs/ 2>/dev/null || :)
    if [ -n "$held" ]; then exit 0; fi
    git --git-dir="$repository" for-each-ref --format='%(objectname)' 2>/dev/null | sort -u
    exit 1`
}

function explained(output: string, origin: SourceOrigin): { message: string; hint?: string } | undefined {
  if (
    origin.kind === 'clone' &&
    /Permission denied|Authentication failed|could not read Username|Repository not found/i.test(output)
  ) {
    return {
      message: `Cannot fetch ${origin.url.replace(/\/\/[^/@]*@/, '//***@')}, because it refuses this host.`,
      hint: "add the host's public key to the repository as a deploy key, or remove app.repository to send the commit from this machine",
    }
  }
  return undefined
}

const repositoryFunctions = sh`
make_repository() ( # FOLDER SHALLOW_COMMIT …
  repository=$1
  shift
  git --git-dir="$repository" rev-parse --git-dir >/dev/null 2>&1 || git init --quiet --bare "$repository"
  # What a killed git left: nobody else is at work here, since the site is locked.
  find "$repository" -name '*.lock' -exec rm -f -- {} + -o -path '*/pack/tmp_*' -exec rm -f -- {} +
  [ "$#" -eq 0 ] || { cat -- "$repository/shallow" 2>/dev/null || :; printf '%s\n' "$@"; } | sort -u >"$repository/shallow.wanted"
  [ "$#" -eq 0 ] || mv -f -- "$repository/shallow.wanted" "$repository/shallow"
)
has_commit() { # whole, for it is reached from a ref: what no ref reaches may be there in part
  [ -n "$(git --git-dir="$1" for-each-ref --count=1 --contains "$2" refs/ 2>/dev/null)" ]
}
hold_commit() { # REPOSITORY NUMBER COMMIT: for as long as its release is there
  git --git-dir="$1" update-ref "refs/releases/$2" "$3"
  git --git-dir="$1" for-each-ref --format='delete %(refname)' refs/incoming | git --git-dir="$1" update-ref --stdin
}
fetch_bundle() { # REPOSITORY COMMIT BUNDLE
  git --git-dir="$1" -c fetch.fsckObjects=false -c gc.auto=0 fetch --quiet --no-tags --force "$3" "refs/heads/bundled:refs/incoming/$2"
}
fetch_from() { # REPOSITORY COMMIT URL
  export GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND='ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new'
  git --git-dir="$1" fetch --quiet --no-tags --force "$3" "$2:refs/incoming/$2" 2>&1 ||
    git --git-dir="$1" fetch --quiet --force --tags "$3" '+refs/heads/*:refs/heads/*'
  has_commit "$1" "$2"
}
check_out() ( # REPOSITORY TREE FOLDER LEFT_OUT …: attributes such as export-ignore must not leave files out, so it is no archive
  new=$3.new
  rm -rf -- "$new" "$new.index" "$3"
  mkdir -- "$new"
  export GIT_INDEX_FILE="$new.index"
  git --git-dir="$1" read-tree "$2"
  git --git-dir="$1" --work-tree="$new" -c core.bare=false checkout-index --all --force --quiet --prefix="$new/"
  rm -f -- "$new.index"
  folder=$3
  shift 3
  for each in "$@"; do rm -f -- "$new/$each"; done
  mv -- "$new" "$folder"
)`
