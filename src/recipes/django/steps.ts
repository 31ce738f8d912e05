import { sh } from '../../core/sh.ts'
import { type News, type Said, type Step, step } from '../../core/step.ts'
import { doneFile, type Release } from '../../steps/release.ts'
import { lastReason } from '../../steps/site-unit.ts'
import { stampFunctions } from '../../steps/stamp.ts'
import { type DjangoFacts, parseFacts } from './facts.ts'
import { factsExplained } from './facts-explained.ts'
import { inRelease, releaseFunctions, type Surroundings } from './in-release.ts'
import { copiesNews, migrationsExplained } from './migrations-explained.ts'

export interface DjangoOptions extends Surroundings {
  readonly wsgi: string
  /** Where nginx serves static files from. */
  readonly staticUrl: string
  /** How the person knows the stage's dotenv: `.env.staging`, with the key of the config. */
  readonly dotenv: string
}

/**
 * The release's `facts.json`: what Django itself says of its settings, migrations and checks, all in one start of Python; later steps read it.
 * Fails, with the reason, where the project does not load, its database cannot be reached, or data would lie in the source.
 */
export function facts(options: DjangoOptions): Step {
  const { release } = options
  const file = sh`${release.path}/facts.json`
  return djangoStep(release, {
    name: 'facts',
    leaves: 'facts.json',
    title: `the project of release <release> loads`,
    apply: sh`
      said=$(${inRelease(options, [sh`${release.path}/virtualenv/bin/python`, sh`${release.path}/overlay/facts.py`, options.wsgi])} 2>&1) || [ $? != 137 ] || exit 137
      printf '%s\n' "$said"
      answer=$(printf '\n%s\n' "$said" | sed -n 's/^--- facts //p' | tail -n 1)
      case $answer in
        '' | '{"error": '* | *'"reachable": false'* | *'"inSource": true'*) exit 1 ;;
      esac
      case $answer in *'"writesIntoSource": {"MEDIA_ROOT":'*) exit 1 ;; esac
      printf '%s\n' "$answer" >${file}.new
      mv -f -- ${file}.new ${file}`,
    tell: (said) => factsNews(said, options),
    explain: ({ output }) => factsExplained(output, { site: release.folder.site, dotenv: options.dotenv }),
  })
}

/**
 * The release's migrations are applied. A stamp tells; no Python is started where the facts of this run say that none is pending.
 * SQLite's files are copied first: `database/NAME.before-release-NUMBER`. A failed one stops the deploy, and the release before goes on serving.
 */
export function migrated(options: DjangoOptions): Step {
  const { release } = options
  const file = sh`${release.path}/facts.json`
  const python = sh`${release.path}/virtualenv/bin/python`
  return djangoStep(release, {
    name: 'migrated',
    title: `the database of ${release.folder.site} is migrated for release <release>`,
    apply: sh`
      pending=yes
      case $(cat -- ${file}) in *'"pending": []'*) fresh=$(find ${file} -mmin -10); [ -z "$fresh" ] || pending= ;; esac
      if [ -n "$pending" ]; then
        ${python} ${release.path}/overlay/copy_databases.py ${file} ${release.folder.path}/database ${release.number} 2>&1 || printf 'not copied: %s: %s\n' database 'Python failed'
        ${inRelease(options, [python, 'manage.py', 'migrate', '--noinput', '--no-color'])} 2>&1
      else
        printf 'no migration is pending\n'
      fi`,
    tell: ({ output, verdict }) => (verdict === 'changed' ? copiesNews(output) : []),
    explain: ({ output }) => migrationsExplained(output, release.folder.site),
  })
}

/** The release has its static files, collected with the settings that it runs with. A stamp tells. */
export function collectstatic(options: DjangoOptions): Step {
  const { release } = options
  const python = sh`${release.path}/virtualenv/bin/python`
  return djangoStep(release, {
    name: 'static files',
    leaves: 'static',
    title: `release <release> of ${release.folder.site} has its static files`,
    apply: sh`
      mkdir -p -- ${release.path}/static
      case $(cat -- ${release.path}/facts.json) in
        *'"hasStaticFiles": false'*) printf 'the project has no staticfiles app\n' ;;
        *) ${inRelease(options, [python, 'manage.py', 'collectstatic', '--noinput', '--no-color', '--verbosity', '1'])} 2>&1 ;;
      esac
      chmod -R a+rX -- ${release.path}/static`,
    explain: ({ output }) => ({
      message: `Cannot collect the static files of "${release.folder.site}", because ${lastReason(output) ?? 'collectstatic ended with an error'}.`,
      hint: 'try it on this machine: python manage.py collectstatic --dry-run --noinput',
    }),
  })
}

interface DjangoStepParts extends Pick<Step, 'name' | 'title' | 'tell' | 'explain'>, Required<Pick<Step, 'apply'>> {
  /** What the step leaves in the release's folder, and must still be there. */
  readonly leaves?: string
}

/** What is established once for a release, and noted in it. */
function djangoStep(release: Release, { leaves, ...parts }: DjangoStepParts): Step {
  const stamp = doneFile(release, parts.name.replaceAll(' ', '-'))
  const noted = sh`stamped ${stamp} ${release.identity}`
  return step({
    ...parts,
    as: release.folder.user,
    uses: [stampFunctions, releaseFunctions],
    check: leaves === undefined ? noted : sh`[ -e ${release.path}/${leaves} ] && ${noted}`,
    apply: sh`
      ${parts.apply}
      stamp ${stamp} ${release.identity}`,
  })
}

function factsNews({ output, verdict }: Said, { staticUrl }: DjangoOptions): readonly News[] {
  if (verdict !== 'changed') return []
  const answer = parseFacts(`\n${output}`)
  return 'facts' in answer
    ? [...forcedNews(answer.facts), ...sourceNews(answer.facts), ...staticNews(answer.facts, staticUrl)]
    : []
}

function forcedNews({ forced }: DjangoFacts): readonly News[] {
  const names = Object.keys(forced)
  if (names.length === 0) return []
  const words = names.map((name) =>
    name === 'DEBUG' || name === 'ALLOWED_HOSTS' ? `${name} = ${JSON.stringify(forced[name]?.to)}` : name,
  )
  return [
    {
      kind: 'note',
      message: `The settings overlay sets: ${words.join(', ')}.`,
      hint: 'to leave the settings alone: app.overlay: false',
    },
  ]
}

function sourceNews({ writesIntoSource }: DjangoFacts): readonly News[] {
  return Object.entries(writesIntoSource).map(([name, path]) => ({
    kind: 'warning',
    message: `${name} puts files into the release (${path}), and the next one will not have them.`,
    hint: 'let it be a path outside of the source, or let it come from the environment',
  }))
}

function staticNews(facts: DjangoFacts, staticUrl: string): readonly News[] {
  const path = facts.staticUrl?.replace(/^https?:\/\/[^/]*/, '')
  if (!facts.hasStaticFiles || path === undefined || path === staticUrl) return []
  return [
    {
      kind: 'warning',
      message: `nginx serves static files at ${staticUrl}, and the settings have them at ${facts.staticUrl}.`,
      hint: 'assign STATIC_URL as plain text in the settings',
    },
  ]
}
