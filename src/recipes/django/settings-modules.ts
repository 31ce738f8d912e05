import { posix } from 'node:path'
import { TasksError } from '../../core/errors.ts'
import type { ProjectFiles } from '../project-files.ts'
import type { EntryPoint } from './entry-point.ts'
import { logicalLines } from './python-source.ts'

/** The file of a dotted module name, whether it is a file or a package; the path of the file where it is neither. */
export function modulePath(directory: string, module: string, files?: ProjectFiles): string {
  const base = posix.join(directory, module.replaceAll('.', '/'))
  return files?.read(`${base}.py`) === undefined && files?.read(`${base}/__init__.py`) !== undefined
    ? `${base}/__init__.py`
    : `${base}.py`
}

/** The module to serve with: what wsgi.py names, unless a sibling of it is named for production and it is not. */
export function chosenSettings(
  files: ProjectFiles,
  directory: string,
  { manage, wsgi }: { readonly manage: EntryPoint; readonly wsgi: EntryPoint },
): string {
  const named = wsgi.settings ?? manage.settings ?? onlySettings(files, directory)
  if (named === undefined) throw unknownSettings()
  if (/(^|[._])(prod|production|live|staging)($|_)/.test(lastPart(named))) return named
  return productionSiblings(named).find((module) => files.read(modulePath(directory, module)) !== undefined) ?? named
}

/** The settings module's file and those of all it is made from: star imports, and modules of the same package. */
export function settingsModules(files: ProjectFiles, directory: string, settings: string): readonly string[] {
  const found: string[] = []
  const visit = (module: string) => {
    const path = modulePath(directory, module, files)
    const text = files.read(path)
    if (text === undefined || found.includes(path)) return
    found.push(path)
    const parent = path.endsWith('/__init__.py') ? module : module.split('.').slice(0, -1).join('.')
    for (const imported of importedModules(text, parent)) visit(imported)
  }
  visit(settings)
  return found
}

/** What gunicorn is to serve: the settings' WSGI_APPLICATION where such a file exists, else the only wsgi.py there is. */
export function wsgiApplication(files: ProjectFiles, directory: string, settings: string | undefined): string {
  for (const path of settings === undefined ? [] : settingsModules(files, directory, settings)) {
    const [, module, name] = /^WSGI_APPLICATION\s*=\s*['"]([\w.]+)\.(\w+)['"]/m.exec(files.read(path) ?? '') ?? []
    if (module !== undefined && files.read(modulePath(directory, module)) !== undefined) return `${module}:${name}`
  }
  const prefix = directory === '.' ? '' : `${directory}/`
  const [path] = files
    .list()
    .filter((file) => file.startsWith(prefix) && posix.basename(file) === 'wsgi.py')
    .sort((a, b) => a.split('/').length - b.split('/').length)
  if (path === undefined) throw withoutWsgi()
  return `${path.slice(prefix.length, -'.py'.length).replaceAll('/', '.')}:application`
}

function importedModules(text: string, parent: string): readonly string[] {
  return logicalLines(text).flatMap((line) => {
    const [, dots = '', name = '', what = ''] = /^from\s+(\.*)([\w.]*)\s+import\s+(.+)$/.exec(line.text) ?? []
    if (dots === '') return what.trim() === '*' || (parent !== '' && name.startsWith(`${parent}.`)) ? [name] : []
    const package_ = parent.split('.').slice(0, parent.split('.').length - dots.length + 1)
    const module = [...package_, ...(name === '' ? [] : [name])].join('.')
    // `from . import base` names modules, `from .base import DEBUG` names what is in one.
    return name === '' ? what.split(',').map((part) => `${module}.${part.trim().split(/\s/)[0]}`) : [module]
  })
}

function productionSiblings(module: string): readonly string[] {
  const parent = module.split('.').slice(0, -1)
  const last = lastPart(module)
  const beside = ['production', 'prod', `${last}_production`, `${last}_prod`, `production_${last}`, `prod_${last}`]
  const siblings = parent.length === 0 ? beside.slice(2) : beside
  return [...siblings.map((name) => [...parent, name].join('.')), `${module}.production`, `${module}.prod`]
}

function lastPart(module: string): string {
  return module.split('.').at(-1) ?? module
}

/** The one settings.py below the folder, where nothing names it. */
function onlySettings(files: ProjectFiles, directory: string): string | undefined {
  const prefix = directory === '.' ? '' : `${directory}/`
  const found = files.list().filter((path) => path.startsWith(prefix) && /(^|\/)settings(\/__init__)?\.py$/.test(path))
  const [path, another] = found
  if (path === undefined || another !== undefined) return undefined
  return path
    .slice(prefix.length)
    .replace(/(\/__init__)?\.py$/, '')
    .replaceAll('/', '.')
}

function unknownSettings(): TasksError {
  return new TasksError({
    code: 'config',
    message:
      'Cannot tell which settings the site runs with, because neither wsgi.py nor manage.py names a settings module.',
    hint: "say which in tasks.config.ts: app: { settings: 'mysite.settings' }",
  })
}

function withoutWsgi(): TasksError {
  return new TasksError({
    code: 'config',
    message: 'Cannot tell what gunicorn is to serve, because there is no wsgi.py in the commit.',
    hint: "say what in tasks.config.ts: app: { wsgi: 'mysite.wsgi:application' }",
  })
}
