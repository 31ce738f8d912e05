import type { Explanation, News } from '../../core/step.ts'
import { lastReason } from '../../steps/site-unit.ts'

/** Which migration failed and why; what stays applied nevertheless, and where the database from before is. */
export function migrationsExplained(output: string, site: string): Explanation {
  const name = /Applying (\S+?)\.\.\.(?![\s\S]*Applying )/.exec(output)?.[1]
  const reason = lastReason(output) ?? 'it ended with an error'
  const failing = name === undefined ? '' : `the migration ${name} fails: `
  const isReadOnly = /readonly database|unable to open database file/.test(reason)
  return {
    message: `Cannot migrate the database of "${site}", because ${failing}${reason}.`,
    hint: isReadOnly
      ? `look at who owns the file and its folder: ls -la ~/sites/${site}/database`
      : `correct the migration or the rows that it trips over, commit, and deploy again: the release before goes on serving${left(output)}`,
  }
}

function left(output: string): string {
  const applied = [...output.matchAll(/Applying (\S+?)\.\.\. OK/g)].map(([, name]) => name).join(', ')
  const copies = [...output.matchAll(/^copied: (.*)$/gm)].map(([, path]) => path).join(', ')
  return [
    applied === '' ? '' : `, with ${applied} applied`,
    copies === '' ? '' : `; the database from before is in ${copies}`,
  ].join('')
}

/** Where the copies of databases are that were made before the migrations, and of which there is none. */
export function copiesNews(output: string): readonly News[] {
  return output.split('\n').flatMap((line): readonly News[] => {
    const [, path] = /^copied: (.*)$/.exec(line) ?? []
    if (path !== undefined)
      return [{ kind: 'note', message: `The database as it was before the migrations is kept on the host: ${path}.` }]
    const [, database, why] = /^not copied: (.*?): (.*)$/.exec(line) ?? []
    if (database === undefined) return []
    return [{ kind: 'warning', message: `No copy of "${database}" was made before the migrations, because ${why}.` }]
  })
}
