import type { ListedRelease } from '../core/listed-release.ts'
import { type HostValue, sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import { siteFolder } from './site-layout.ts'
import { unitFunctions } from './site-unit.ts'

interface SiteOnHost {
  readonly site: string
  readonly user: string
  readonly home: HostValue
}

/** Tells of each release of a site that the host has, newest first. Reads, and changes nothing; a site that is not there has none. */
export function releasesListed(options: SiteOnHost): Step {
  const { site } = options
  return step({
    name: 'releases',
    title: `the releases of ${site}`,
    uses: [unitFunctions, listFunctions],
    check: sh`list_releases ${siteFolder(options).path}`,
    tell: ({ output }) => [{ kind: 'releases', site, releases: output.split('\n').flatMap(listed) }],
  })
}

/** Host functions that print a release as a line, which `listed` reads. They use `unitFunctions`. Root reads what a user wrote: no link is followed. */
export const listFunctions = sh`
list_releases() ( # SITE_FOLDER
  cd -- "$1/releases" 2>/dev/null || exit 0
  current=$(current_of "$1")
  for n in $(ls | grep -x '[1-9][0-9]*' | sort -nr); do
    list_release "$n" "$current"
  done
)
list_release() { # NUMBER CURRENT, in the folder of the releases
  marks=
  [ "$1" != "$2" ] || marks=c
  ! [ -e "$1/.bad" ] || marks="\${marks}b"
  ! [ -e "$1/.done/switched" ] || marks="\${marks}s"
  story=
  if [ -f "$1/release.json" ] && ! [ -L "$1/release.json" ]; then IFS= read -r story <"$1/release.json" || :; fi
  printf 'release %s -%s %s\n' "$1" "$marks" "$story"
}`

/** The release that a line tells of; none where it is another line. */
export function listed(line: string): readonly ListedRelease[] {
  const [, number, marks = '', story = ''] = /^release (\d+) -([cbs]*) (.*)$/.exec(line) ?? []
  if (number === undefined) return []
  const told = parsed(story)
  const text = (key: string) => (typeof told[key] === 'string' ? told[key] : '')
  return [
    {
      number: Number(number),
      when: text('when'),
      who: text('who'),
      commit: text('commit'),
      subject: text('subject'),
      kind: text('kind'),
      ...(typeof told.from === 'number' && { from: told.from }),
      isCurrent: marks.includes('c'),
      isBad: marks.includes('b'),
      hasServed: marks.includes('s'),
    },
  ]
}

function parsed(story: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(story)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
