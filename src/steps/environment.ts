import { sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import { environmentFolder, environmentFunctions, isEnvironment, printsEnvironment } from './environment-file.ts'
import type { Release } from './release.ts'

/**
 * The environment of a release's processes: the stage's variables and the secret key in the site's folder, and the release's
 * own `env`, composed of them on the host. All are for their owner alone, and compared there: no hash of a secret travels.
 */
export function environment(release: Release): readonly Step[] {
  return [...stageFile(release), secretKey(release), releaseFile(release)]
}

function stageFile({ environment, folder }: Release): readonly Step[] {
  const { stage } = environment
  if (stage === undefined) return []
  const file = sh`${environmentFolder(folder)}/stage.env`
  return [
    step({
      name: 'stage environment',
      title: `${folder.site} has the variables of its stage`,
      as: folder.user,
      data: [stage],
      uses: [privateFile],
      check: sh`is_private ${file} && cmp -s -- ${stage} ${file} || exit 1`,
      apply: sh`write_private ${file} <${stage}`,
      preview: sh`printf 'content differs (secret)\n'`,
    }),
  ]
}

function secretKey({ folder }: Release): Step {
  const file = sh`${environmentFolder(folder)}/secret_key`
  return step({
    name: 'secret key',
    title: `${folder.site} has a secret key of its own`,
    as: folder.user,
    uses: [privateFile],
    check: sh`is_private ${file} && [ -s ${file} ]`,
    // Never replaced: sessions and signed links of the site hang on it.
    apply: sh`
      if [ -s ${file} ]; then chmod 600 ${file}; else
        LC_ALL=C tr -dc A-Za-z0-9 </dev/urandom 2>/dev/null | dd bs=1 count=50 2>/dev/null | { IFS= read -r key || :; printf '%s\n' "$key"; } | write_private ${file}
      fi`,
  })
}

function releaseFile({ environment, folder, path }: Release): Step {
  const file = sh`${path}/env`
  const wanted = printsEnvironment(folder, environment)
  return step({
    name: 'release environment',
    title: `release <release> of ${folder.site} has its environment`,
    as: folder.user,
    data: environment.stage === undefined ? [] : [environment.stage],
    uses: [privateFile, environmentFunctions, namesChanged],
    check: sh`
      same() { ${isEnvironment(folder, environment, file)}; }
      is_private ${file} && same`,
    apply: sh`${wanted} | write_private ${file}`,
    preview: sh`
      { ${wanted} 2>/dev/null || :; } | changed_names ${folder.path}/current/env`,
  })
}

const privateFile = sh`
is_private() {
  [ -f "$1" ] && [ "$(stat -c %a -- "$1")" = 600 ]
}
write_private() ( # FILE: what comes on standard input
  umask 077
  rm -f -- "$1.new"
  cat >"$1.new" || { rm -f -- "$1.new"; exit 1; }
  sync -- "$1.new" 2>/dev/null || sync
  mv -f -- "$1.new" "$1"
)`

/** Names alone. A line inside a value may look like an assignment, or like a remark, so quotes are counted. */
export const namesChanged = sh`
changed_names() ( # FILE: compares it with what comes on standard input
  old=$1
  [ -r "$old" ] || old=/dev/null
  awk '
    FNR == 1 { inside = 0 }
    !inside && /^#/ { next }
    {
      text = $0
      if (!inside) { name = text; sub(/=.*/, "", name) }
      value[file, name] = value[file, name] text "\n"
      seen[name] = 1
      gsub(/\047"\047"\047/, "", text)
      if (gsub(/\047/, "", text) % 2) inside = !inside
    }
    END {
      for (name in seen) {
        if (!((1, name) in value)) print "+ " name
        else if (!((2, name) in value)) print "- " name
        else if (value[1, name] != value[2, name]) print "~ " name
      }
    }' file=1 "$old" file=2 - | sort
)`
