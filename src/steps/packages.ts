import { TasksError } from '../core/errors.ts'
import { fromLookups, sh } from '../core/sh.ts'
import { type FollowUp, type Step, step } from '../core/step.ts'
import { aptFunctions } from './apt.ts'
import { explainApt, unreadSources } from './apt-failure.ts'

interface PackagesOptions {
  readonly names: readonly string[]
  /** What the step is called, where the list of names would be too long. */
  readonly name?: string | undefined
  /** What they are for, shown to the person: `nginx needs them`. */
  readonly because?: string | undefined
  /** Seconds for which another program may go on using APT; then the step fails. Ten minutes, unless said. */
  readonly patience?: number | undefined
  readonly owes?: readonly FollowUp[] | undefined
  readonly after?: readonly Step[] | undefined
}

/**
 * Debian packages that are installed, in whatever version the host has or its sources offer.
 *
 * The check asks dpkg, once for all steps. The apply updates APT's lists when they are older than a day or older than a
 * source, finishes what an interrupted dpkg left, names whoever is using APT and waits, and asks nothing.
 *
 *     packages(['git', 'curl'])
 */
export function packages(wanted: readonly string[] | PackagesOptions): Step {
  const {
    names,
    name = `packages ${names.join(' ')}`,
    because,
    patience = 600,
    owes = [],
    after = [],
  } = 'names' in wanted ? wanted : { names: wanted, name: undefined }
  const sorted = [...new Set(names)].sort()
  sorted.forEach(checkPackageName)
  return step({
    name,
    title: `${sorted.length === 1 ? 'package' : 'packages'} ${sorted.join(', ')}${because === undefined ? '' : ` (${because})`}`,
    lookups: { packages: sorted },
    check: fromLookups(sh`pkg_installed ${sorted}`),
    apply: sh`apt_install ${patience} ${sorted}`,
    preview: sh`apt_preview ${sorted}`,
    uses: [aptFunctions],
    owes,
    after,
    timeouts: { apply: patience + 1800 },
    tell: ({ output }) => unreadSources(output),
    explain: (said) => explainApt(said, sorted),
  })
}

/** Refuses what is no package's name, before it becomes an option of apt-get. */
export function checkPackageName(name: string): void {
  if (/^[a-z0-9][a-z0-9+.-]+$/.test(name)) return
  throw new TasksError({
    code: 'config',
    message: `Cannot install the package ${JSON.stringify(name)}, because no Debian package can have that name.`,
    hint: 'name it as `apt-cache search` prints it',
  })
}
