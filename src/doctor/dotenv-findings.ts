import { statSync } from 'node:fs'
import path from 'node:path'
import type { App } from '../core/app.ts'
import { bad, type Found, ok, warn } from '../core/finding.ts'
import { isTracked } from '../source/tracked.ts'

/** Whether the dotenv file of each stage is there, read by nobody else, and out of git. */
export async function dotenvFindings({ root, stages }: Pick<App, 'root' | 'stages'>): Promise<readonly Found[]> {
  const named = Object.values(stages).flatMap(({ name, dotenv }) => (dotenv === undefined ? [] : [{ name, dotenv }]))
  return await Promise.all(
    named.map(async ({ name, dotenv }) => {
      const title = `dotenv of ${name}`
      const file = path.relative(root, dotenv)
      const found = statSync(dotenv, { throwIfNoEntry: false })
      if (!found?.isFile()) return bad(title, `there is no file ${file}`, 'make the file, or take the key away')
      if (await isTracked(path.dirname(dotenv), path.basename(dotenv)))
        return warn(title, `git has ${file}, and with it what is secret there`, `run: git rm --cached ${file}`)
      return (found.mode & 0o077) === 0
        ? ok(title, file)
        : warn(title, `others on this machine may read ${file}`, `run: chmod 600 ${file}`)
    }),
  )
}
