import { posix } from 'node:path'
import { TasksError } from '../../core/errors.ts'
import type { ProjectFiles } from '../project-files.ts'
import { type EntryPoint, entryPoint } from './entry-point.ts'
import { type PythonWish, pythonWish } from './python-wish.ts'
import { findRequirements, type Requirements, readRequirements } from './requirements.ts'
import { chosenSettings, modulePath, settingsModules, wsgiApplication } from './settings-modules.ts'
import { type EnvironmentName, environmentNames } from './settings-scan.ts'

/** What can be known about a Django project from its files alone; what it then really does, `facts.py` asks the running process. */
export interface DjangoProject {
  /** manage.py's folder, `.` for the root: the working folder of all that runs. */
  readonly directory: string
  /** The settings module that the site has to run with. */
  readonly settings: string
  /** What gunicorn is given, such as `superlists.wsgi:application`. */
  readonly wsgi: string
  /** The settings modules that manage.py and wsgi.py name by themselves. */
  readonly manage: EntryPoint
  readonly wsgiEntry: EntryPoint
  readonly requirements: Requirements
  readonly hasGunicorn: boolean
  /** A wish: Python packages refuse by themselves what they cannot run on. */
  readonly python: PythonWish | undefined
  /** The names that the settings ask the environment for. */
  readonly environment: readonly EnvironmentName[]
  /** The project's own gunicorn.conf.py in the working folder. */
  readonly gunicornConfig: string | undefined
  /** Committed .env files: they hold a developer's values and have to stay out of a release. */
  readonly committedDotenv: readonly string[]
  readonly notes: readonly Note[]
}

/** What a person should hear before a deploy. */
export interface Note {
  readonly level: 'warning' | 'note'
  readonly message: string
}

/** What the config says; it is taken as it is, and only the rest is detected. */
export interface DjangoHints {
  readonly directory?: string | undefined
  readonly settings?: string | undefined
  readonly wsgi?: string | undefined
  readonly requirements?: string | undefined
}

/** Finds out all of it, or throws a `config` error that says what cannot be told and which key of the config tells it. */
export function detectDjango(files: ProjectFiles, hints: DjangoHints = {}): DjangoProject {
  const directory =
    hints.directory === undefined ? manageFolder(files) : posix.normalize(hints.directory).replace(/\/$/, '')
  const managePath = posix.join(directory, 'manage.py')
  const manage = entryPoint(files.read(managePath) ?? '')
  const wsgi = hints.wsgi ?? wsgiApplication(files, directory, manage.settings)
  const wsgiEntry = entryPoint(files.read(modulePath(directory, wsgi.split(':')[0] ?? '')) ?? '')
  const settings = hints.settings ?? chosenSettings(files, directory, { manage, wsgi: wsgiEntry })
  const modules = settingsModules(files, directory, settings)
  const requirements = hints.requirements
    ? readRequirements(files, hints.requirements)
    : findRequirements(files, directory)
  const gunicornConfig = posix.join(directory, 'gunicorn.conf.py')
  const project: Omit<DjangoProject, 'notes'> = {
    directory,
    settings,
    wsgi,
    manage,
    wsgiEntry,
    requirements,
    hasGunicorn: requirements.packages.includes('gunicorn'),
    python: pythonWish(files, directory),
    environment: environmentNames(modules.map((path) => ({ path, text: files.read(path) ?? '' }))),
    gunicornConfig: files.list().includes(gunicornConfig) ? gunicornConfig : undefined,
    committedDotenv: files.list().filter(isDotenv),
  }
  return { ...project, notes: notes(project, files) }
}

/** The folders of the manage.py nearest to the root: several where that leaves it open. One that is not Django's (Flask had such a file too) does not count. */
export function manageFolders(files: ProjectFiles): readonly string[] {
  const found = files
    .list()
    .filter((path) => posix.basename(path) === 'manage.py' && !ignored.test(path) && isDjangos(files.read(path)))
    .map((path) => posix.dirname(path))
  const nearest = Math.min(...found.map(depth))
  return found.filter((folder) => depth(folder) === nearest)
}

function manageFolder(files: ProjectFiles): string {
  const [first, second] = manageFolders(files)
  if (first === undefined) throw withoutManage()
  if (second !== undefined) throw ambiguous(first, second)
  return first
}

const ignored = /(^|\/)(node_modules|site-packages|\.?venv|virtualenv|tests?)\/|\{\{/

function isDjangos(text: string | undefined): boolean {
  return text !== undefined && /DJANGO_SETTINGS_MODULE|django\.core\.management/.test(text)
}

function depth(folder: string): number {
  return folder === '.' ? 0 : folder.split('/').length
}

function isDotenv(path: string): boolean {
  const name = posix.basename(path)
  return /^\.(env|flaskenv)(\..+)?$/.test(name) && !/\.(example|sample|template|dist|tmpl)$/.test(name)
}

function notes(project: Omit<DjangoProject, 'notes'>, files: ProjectFiles): readonly Note[] {
  const { settings, manage, wsgiEntry, requirements } = project
  const named = wsgiEntry.settings
  const databases = files.list().filter((path) => /\.(sqlite3?|db)$/.test(path))
  return [
    ...when(
      named !== undefined && named !== settings,
      'note',
      `"${settings}" is used, though wsgi.py names "${named}".`,
    ),
    ...when(
      manage.settings !== undefined && manage.settings !== (named ?? settings),
      'note',
      `manage.py names "${manage.settings}", but its commands run with "${settings}", as the site does.`,
    ),
    ...when(!project.hasGunicorn, 'note', `gunicorn is not in "${requirements.path}": it is added.`),
    ...requirements.localPaths.map((line) => ({
      level: 'warning' as const,
      message: `"${requirements.path}" installs "${line}" from the source: a change of it alone does not make a new virtualenv.`,
    })),
    ...project.committedDotenv.map((path) => ({
      level: 'warning' as const,
      message: `"${path}" is in the commit: it stays out of the release. What the site needs of it belongs into the stage's dotenv.`,
    })),
    ...databases.map((path) => ({
      level: 'warning' as const,
      message: `"${path}" is in the commit: the site has a database of its own and does not read this one.`,
    })),
  ]
}

function when(holds: boolean, level: Note['level'], message: string): readonly Note[] {
  return holds ? [{ level, message }] : []
}

function withoutManage(): TasksError {
  return new TasksError({
    code: 'config',
    message: 'Cannot find a Django project, because no manage.py is in the commit.',
    hint: 'commit it, or run the command in the folder of the project',
  })
}

function ambiguous(first: string, second: string): TasksError {
  return new TasksError({
    code: 'config',
    message: `Cannot tell which Django project to deploy, because there is a manage.py in "${first}" and in "${second}".`,
    hint: `say which in tasks.config.ts: app: { directory: '${first}' }`,
  })
}
