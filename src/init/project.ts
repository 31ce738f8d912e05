import { isTasksError } from '../core/errors.ts'
import { detectDjango, manageFolders } from '../recipes/django/detect.ts'
import type { ProjectFiles } from '../recipes/project-files.ts'

export type ProjectKind = 'django' | 'rails' | 'flask' | 'procfile' | 'none'

/** What a folder has in it, by its files alone. */
export interface FoundProject {
  readonly kind: ProjectKind
  /** Where it may be: of several Django projects a person says which is meant. */
  readonly folders: readonly string[]
}

/** What a person calls it. */
export const kindWords: Readonly<Record<ProjectKind, string>> = {
  django: 'a Django project',
  rails: 'a Rails application',
  flask: 'a Flask application',
  procfile: 'an application with a Procfile',
  none: 'no application',
}

export function findProject(files: ProjectFiles): FoundProject {
  const folders = manageFolders(files)
  if (folders.length > 0) return { kind: 'django', folders }
  const kinds = ['rails', 'flask', 'procfile'] as const
  return { kind: kinds.find((kind) => signs[kind](files)) ?? 'none', folders: ['.'] }
}

/** What a deploy would stop at, as far as the files tell, in a sentence and what to do about it. */
export function djangoTroubles(
  files: ProjectFiles,
  directory: string,
): readonly { readonly message: string; readonly hint?: string | undefined }[] {
  try {
    detectDjango(files, { directory })
    return []
  } catch (error) {
    if (isTasksError(error)) return [error]
    throw error
  }
}

const signs: Readonly<Record<'rails' | 'flask' | 'procfile', (files: ProjectFiles) => boolean>> = {
  rails: (files) => /^\s*gem\s+['"]rails['"]/m.test(files.read('Gemfile') ?? ''),
  flask: (files) => files.list().some((path) => isFlasks(path, files)),
  procfile: (files) => /^[\w-]+:/m.test(files.read('Procfile') ?? ''),
}

function isFlasks(path: string, files: ProjectFiles): boolean {
  if (/(^|\/)(requirements[\w-]*\.txt|Pipfile|pyproject\.toml)$/.test(path))
    return /^[\s'"]*flask(?![\w-])/im.test(files.read(path) ?? '')
  if (!path.endsWith('.py') || /(^|\/)tests?\//.test(path)) return false
  return /^\s*(from flask import|import flask\b)/m.test(files.read(path) ?? '')
}
