import { posix } from 'node:path'
import type { ProjectFiles } from '../project-files.ts'

/** The Python that a project says it wants. */
export interface PythonWish {
  /** Major and minor, such as `3.12`. */
  readonly version: string
  /** A newer one will do too (`requires-python`), or it names just this one. */
  readonly isMinimum: boolean
  /** The file that says so. */
  readonly from: string
}

/** Reads it from the files that say so, the most exact first; undefined where none does. */
export function pythonWish(files: ProjectFiles, directory: string): PythonWish | undefined {
  const folders = directory === '.' ? ['.'] : [directory, '.']
  for (const { file, pattern, isMinimum } of sources) {
    for (const folder of folders) {
      const from = posix.join(folder, file)
      const version = pattern.exec(uncommented(files.read(from)))?.[1]
      if (version !== undefined) return { version, isMinimum, from }
    }
  }
  return undefined
}

/** How the host's Python compares with the wish: undefined where it fits, else one sentence. */
export function pythonMismatch(wish: PythonWish | undefined, hasVersion: string): string | undefined {
  if (wish === undefined) return undefined
  const order = minor(hasVersion) - minor(wish.version)
  if (wish.isMinimum ? order >= 0 : order === 0) return undefined
  return `"${wish.from}" wants Python ${wish.version}${wish.isMinimum ? ' or newer' : ''}, and the host has ${hasVersion}.`
}

const sources = [
  { file: '.python-version', pattern: /^\s*(?:c?python-)?(3\.\d+)/m, isMinimum: false },
  { file: 'runtime.txt', pattern: /^\s*python-(3\.\d+)/m, isMinimum: false },
  { file: 'Pipfile', pattern: /^python(?:_full)?_version\s*=\s*["'](3\.\d+)/m, isMinimum: false },
  { file: 'pyproject.toml', pattern: /^requires-python\s*=\s*["'][^"']*?(?:>=|~=|==|\^)\s*(3\.\d+)/m, isMinimum: true },
] as const

function uncommented(text = ''): string {
  return text.replace(/(^|\s)#.*$/gm, '')
}

function minor(version: string): number {
  return Number(version.split('.')[1] ?? 0)
}
