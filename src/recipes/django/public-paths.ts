import type { ProjectFiles } from '../project-files.ts'
import type { DjangoProject } from './detect.ts'
import { settingsModules } from './settings-modules.ts'

/** Where visitors find files that nginx serves by itself: paths with slashes around, empty where it serves none. */
export interface PublicPaths {
  readonly staticUrl: string
  readonly mediaUrl: string
}

/**
 * Reads STATIC_URL and MEDIA_URL where the settings assign them as plain text. Only the running project knows for sure: what it
 * says is compared later.
 */
export function publicPaths(
  files: ProjectFiles,
  { directory, settings }: Pick<DjangoProject, 'directory' | 'settings'>,
): PublicPaths {
  const text = settingsModules(files, directory, settings).map((path) => files.read(path) ?? '')
  const urlOf = (name: string) => text.map((each) => assigned(each, name)).find((value) => value !== undefined)
  return { staticUrl: servedPath(urlOf('STATIC_URL') ?? '/static/'), mediaUrl: servedPath(urlOf('MEDIA_URL') ?? '') }
}

function assigned(text: string, name: string): string | undefined {
  return [...text.matchAll(new RegExp(`^[ \\t]*${name}[ \\t]*(?::[^=\\n]*)?=[ \\t]*(['"])([^'"\\n]*)\\1`, 'gm'))].at(
    -1,
  )?.[2]
}

/** Nothing for what lies on another server, and for the whole site. */
function servedPath(url: string): string {
  if (/^(https?:)?\/\//.test(url)) return ''
  const path = `/${url}/`.replace(/\/+/g, '/')
  return /^\/[A-Za-z0-9._~/-]+\/$/.test(path) ? path : ''
}
