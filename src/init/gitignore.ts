import { GitFailure, git } from '../source/git.ts'

/** What a `.gitignore` has to say so that a file stays out of git; undefined where it says so already. */
export function withIgnored(text: string, file: string): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  const before = text === '' || text.endsWith('\n') ? text : text + end
  return `${before}${pattern(file)}${end}`
}

/** Whether git leaves the file out, by whatever rule; where there is no repository, whether the text has the file in a line of its own. */
export async function isIgnored(folder: string, file: string, text: string): Promise<boolean> {
  try {
    await git(['check-ignore', '--quiet', '--no-index', '--', file], { cwd: folder })
    return true
  } catch (error) {
    const isOutside = !(error instanceof GitFailure) || error.message.includes('not a git repository')
    const lines = text.split(/\r?\n/)
    return isOutside && [pattern(file), file, '.env*', '.env.*'].some((line) => lines.includes(line))
  }
}

/** A name as gitignore takes it for nothing but a name. One with a slash in it is one file; one without is a file of that name in any folder. */
function pattern(file: string): string {
  const name = file.replace(/^(\.\/)+/, '')
  const escaped = name
    .replace(/[\\*?[\]]/g, '\\$&')
    .replace(/^[#!]/, '\\$&')
    .replace(/ $/, '\\ ')
  return name.includes('/') ? `/${escaped}` : escaped
}
