import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

/** What must not be in a commit, by its name: secrets, databases, virtualenvs. */
const isPrivate = (name: string): boolean =>
  (/^\.env(\.|rc$|$)/.test(name) && !/\.(example|sample|template|dist)$/.test(name)) ||
  /\.sqlite3?$|\.(pem|key)$|^id_(rsa|dsa|ecdsa|ed25519)$|^\.?(venv|virtualenv)$/.test(name)

/** How to make the first commit of a folder. Where `git add -A` would take in what is private, that is named first. */
export async function firstCommitHint(
  folder: string,
  { isRepository }: { readonly isRepository: boolean },
): Promise<string> {
  const commands = `run: ${isRepository ? '' : 'git init && '}git add -A && git commit -m "First commit"`
  const names = (await readdir(folder).catch(() => [])).filter(isPrivate).sort()
  const ignored = await ignoredPatterns(folder)
  const open = names.filter((name) => !ignored.some((pattern) => pattern.test(name)))
  return open.length === 0 ? commands : `add to .gitignore: ${open.join(' ')}; then ${commands}`
}

/** The plain ones, which is what people write for files such as these. */
async function ignoredPatterns(folder: string): Promise<readonly RegExp[]> {
  const text = await readFile(path.join(folder, '.gitignore'), 'utf8').catch(() => '')
  const lines = text.split('\n').map((line) => line.trim().replace(/^\/|\/$/g, ''))
  return lines
    .filter((line) => /^[\w.*?-]+$/.test(line))
    .map((line) => new RegExp(`^${line.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`))
}
