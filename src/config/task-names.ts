import path from 'node:path'
import type { Problem } from './names.ts'

/**
 * The whole name of a task: its own, else that of its export (of a default export the file's), behind the folders that its module is in. A name with a
 * colon is whole. `place` is the module's path in the folder of all tasks.
 */
export function nameFrom(own: string, exported: string, place: string): string {
  if (own.includes(':')) return own
  const file = kebab(path.basename(place).replace(/\.m?[jt]s$/, ''))
  const namespace = namespaceOf(place)
  // The default export of a folder's index is what the folder is about: it has the folder's name.
  if (own === '' && exported === 'default' && file === 'index') return namespace
  const name = own !== '' ? own : exported === 'default' ? file : kebab(exported)
  return namespace === '' ? name : `${namespace}:${name}`
}

/** `db:dump` of `db/dump/full.ts` */
export function namespaceOf(place: string): string {
  const folder = path.dirname(place)
  return folder === '.' ? '' : folder.split(path.sep).map(kebab).join(':')
}

/** What a person can type without quotes, that is no flag, and does not end the completion of a shell. */
export function taskNameProblem(text: string): Problem {
  if (text === '') return 'it has no name'
  if (text.length > 100) return 'its name is longer than 100 characters'
  if (/^[^\p{L}\p{N}]/u.test(text)) return 'its name does not begin with a letter or digit'
  if (/[^\p{L}\p{M}\p{N}:._-]/u.test(text)) return 'its name has other characters than letters, digits, and : . _ -'
  return /:$|::/.test(text) ? 'a part of its name is empty' : undefined
}

function kebab(text: string): string {
  return text
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase()
}
