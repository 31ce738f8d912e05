import { TasksError } from '../core/errors.ts'
import { configReference, type ReferenceSection } from './reference.ts'
import { didYouMean } from './suggestion.ts'

/**
 * The part of the reference that a person means: a path as it stands in a config (`app.healthPath`, `hosts.web1.port`), a key, a section, or
 * else a word that a key or its explanation has. Throws a `usage` error where nothing has it.
 */
export function searchReference(wanted: string): readonly ReferenceSection[] {
  const all = configReference()
  const word = wanted.trim().toLowerCase()
  const whole = all.filter(({ name }) => name.toLowerCase() === word)
  if (whole.length > 0) return whole
  const ways = [(path: string) => isPath(word, path), (path: string) => path.endsWith(`.${word}`)]
  const named = ways.map((isMeant) => narrowed(all, isMeant)).find((found) => found.length > 0)
  const found = named ?? narrowed(all, (path, words) => path.includes(word) || words.includes(word))
  if (word !== '' && found.length > 0) return found
  throw new TasksError({
    code: 'usage',
    message: `Cannot find ${JSON.stringify(wanted)} in the config's reference.`,
    hint: didYouMean(wanted, keysOf(all), 'run: tasks docs'),
  })
}

/** The sections with the keys that are meant, told by their paths and explanations in lower case. */
function narrowed(
  all: readonly ReferenceSection[],
  isMeant: (path: string, words: string) => boolean,
): readonly ReferenceSection[] {
  return all
    .map((section) => ({
      ...section,
      keys: section.keys.filter(({ name, words }) =>
        isMeant(`${section.name}.${name}`.toLowerCase(), words.toLowerCase()),
      ),
    }))
    .filter(({ keys }) => keys.length > 0)
}

/** In a config, a name of the person's own may stand between the section and the key, with dots in it: `sites["example.com"].host`. */
function isPath(word: string, path: string): boolean {
  const [section = '', key = ''] = path.split('.')
  return word === path || (/[.[]/.test(word) && word.startsWith(section) && word.endsWith(`.${key}`))
}

function keysOf(all: readonly ReferenceSection[]): readonly string[] {
  return all.flatMap(({ name, keys }) => [name, ...keys.flatMap((key) => [key.name, `${name}.${key.name}`])])
}
