import { content, sha256 } from '../core/data.ts'
import { TasksError } from '../core/errors.ts'
import { sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import { aptFunctions } from './apt.ts'
import { explainApt } from './apt-failure.ts'
import { file } from './file.ts'

interface RepositoryOptions {
  /** Names the files in /etc/apt: `deadsnakes`. */
  readonly name: string
  readonly uris: readonly string[]
  readonly suites: readonly string[]
  readonly components?: readonly string[] | undefined
  /** The armored public key that it is signed with. */
  readonly key?: string | undefined
  /** Taken as it is, unsigned: for a repository on the host itself. */
  readonly trusted?: boolean | undefined
}

/**
 * A source of packages for APT: `ppa:OWNER/NAME` (Ubuntu), a whole `deb …` line, or its parts.
 *
 * The check compares the files in /etc/apt. The apply writes them; the next installation updates its lists by itself.
 *
 *     repository('ppa:deadsnakes/ppa')
 */
export function repository(wanted: string | RepositoryOptions): readonly Step[] {
  if (typeof wanted !== 'string') return parts(wanted)
  if (/^ppa:[a-z0-9][a-z0-9+.-]*\/[a-z0-9][a-z0-9+.-]*$/.test(wanted)) return [ppa(wanted)]
  if (/^deb(-src)? [^\n]+$/.test(wanted)) {
    return [
      file({
        path: `/etc/apt/sources.list.d/tasks-${sha256(wanted).slice(0, 8)}.list`,
        content: content(`${wanted}\n`),
      }),
    ]
  }
  throw new TasksError({
    code: 'config',
    message: `Cannot use the repository ${JSON.stringify(wanted)}, because it is neither ppa:OWNER/NAME nor a line that begins with "deb ".`,
  })
}

function parts({ name, uris, suites, components = [], key, trusted = false }: RepositoryOptions): readonly Step[] {
  if (!/^[a-z0-9][a-z0-9_.-]*$/i.test(name)) {
    throw new TasksError({
      code: 'config',
      message: `Cannot name a repository ${JSON.stringify(name)}, because APT reads no file of that name.`,
    })
  }
  const keyFile = `/etc/apt/keyrings/${name}.asc`
  const fields = [
    'Types: deb',
    `URIs: ${uris.join(' ')}`,
    `Suites: ${suites.join(' ')}`,
    ...(components.length === 0 ? [] : [`Components: ${components.join(' ')}`]),
    ...(key === undefined ? [] : [`Signed-By: ${keyFile}`]),
    ...(trusted ? ['Trusted: yes'] : []),
  ]
  const source = file({ path: `/etc/apt/sources.list.d/${name}.sources`, content: content(`${fields.join('\n')}\n`) })
  return key === undefined ? [source] : [file({ path: keyFile, content: content(`${key.trim()}\n`) }), source]
}

function ppa(name: string): Step {
  const path = `/${name.slice('ppa:'.length)}/`
  return step({
    name: `repository ${name}`,
    title: `packages come from ${name} too`,
    check: sh`cat /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null | grep -v '^ *#' | grep -q -F ${path}`,
    apply: sh`
      if ! grep -q '^ID=ubuntu$' /etc/os-release; then
        printf '%s\n' 'not Ubuntu'
        exit 1
      fi
      command -v add-apt-repository >/dev/null || apt_install 600 software-properties-common
      add-apt-repository -y -n ${name}`,
    uses: [aptFunctions],
    explain: (said) =>
      said.output.includes('not Ubuntu')
        ? {
            message: `Cannot add "${name}", because only Ubuntu has such repositories, and the host runs something else.`,
            hint: 'take it away from provision.repositories',
          }
        : explainApt(said, [name]),
  })
}
