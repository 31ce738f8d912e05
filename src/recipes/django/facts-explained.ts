import type { Explanation } from '../../core/step.ts'
import { lastReason } from '../../steps/site-unit.ts'
import { type DjangoFacts, type FactsAnswer, type FactsError, parseFacts } from './facts.ts'

interface Place {
  readonly site: string
  /** How the person knows the stage's dotenv. */
  readonly dotenv: string
}

/** Why a project's facts stop a deploy, and what to do about it. */
export function factsExplained(output: string, place: Place): Explanation {
  const answer = answerIn(output)
  if (answer === undefined) {
    return {
      message: `Cannot load the project of "${place.site}", because ${lastReason(output) ?? 'Python ended before it was loaded'}.`,
      hint: 'run on this machine: python manage.py check --deploy',
    }
  }
  const why = 'error' in answer ? notLoaded(answer.error, place) : refused(answer.facts, place)
  return { ...why, output: output.replace(/^--- facts .*\n?/m, '') }
}

function answerIn(output: string): FactsAnswer | undefined {
  try {
    return parseFacts(`\n${output}`)
  } catch {
    return undefined
  }
}

function notLoaded({ kind, name, message, where }: FactsError, { site, dotenv }: Place): Explanation {
  const place = where === undefined ? '' : ` (${where})`
  switch (kind) {
    case 'missing-variable':
      return {
        message: `Cannot load the settings of "${site}", because they ask the environment for "${name}" and nobody sets it${place}.`,
        hint: `add ${name}=… to ${dotenv}`,
      }
    case 'missing-module':
      return {
        message: `Cannot load the project of "${site}", because it imports "${name}", which no requirement brings${place}.`,
        hint: `add the package that has "${name}" to the requirements`,
      }
    default:
      return {
        message: `Cannot load the project of "${site}", because of ${message.replace(/\.$| \([^()]*, line \d+\)$/, '')}${place}.`,
        hint: 'run on this machine: python manage.py check --deploy',
      }
  }
}

function refused(facts: DjangoFacts, { site, dotenv }: Place): Explanation {
  if (!facts.migrations.reachable) {
    return {
      message: `Cannot reach the database of "${site}", because of ${facts.migrations.because?.replace(/\.$/, '') ?? 'an error'}.`,
      hint: `look at DATABASE_URL, or what the settings read in its place, in ${dotenv}`,
    }
  }
  const database = Object.entries(facts.databases).find(([, { inSource }]) => inSource)
  if (database !== undefined) {
    return {
      message: `Cannot deploy "${site}", because the database "${database[0]}" would lie in the release's source and be lost with it: ${database[1].path}.`,
      hint: "let its NAME be a path in the site's database folder, or set app.overlay: true",
    }
  }
  return {
    message: `Cannot deploy "${site}", because MEDIA_ROOT lies in the release's source, and uploads would be lost with it: ${facts.mediaRoot}.`,
    hint: "let it be the site's media folder, or set app.overlay: true",
  }
}
