import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { TasksError } from '../../core/errors.ts'
import type { ProjectFiles } from '../project-files.ts'

/** What a virtualenv is made from. */
export interface Requirements {
  /** `file`: install with `pip -r path`. `pyproject`: the list in `lines` is installed, not the project itself. */
  readonly kind: 'file' | 'pyproject'
  readonly path: string
  /** The file and all that it includes, in the order in which pip reads them. */
  readonly files: readonly string[]
  /** For `pyproject`: its dependencies, each as a line of a requirements file. */
  readonly lines: readonly string[]
  /** Changes when any of the files does. */
  readonly hash: string
  /** The packages asked for, by their normalised names; what constraints only restrict is not among them. */
  readonly packages: readonly string[]
  /** Lines that install from the project's own source (`-e .`, `./vendor/x.whl`): the hash does not see them change. */
  readonly localPaths: readonly string[]
}

/** The requirements nearest to manage.py: beside it first, then in each folder above. Refuses a project that has none. */
export function findRequirements(files: ProjectFiles, directory: string): Requirements {
  for (const folder of upwards(directory)) {
    const path = candidates.map((name) => posix.join(folder, name)).find((name) => files.read(name) !== undefined)
    if (path !== undefined) return readRequirements(files, path)
    const project = dependenciesOf(files, posix.join(folder, 'pyproject.toml'))
    if (project !== undefined) return project
  }
  throw withoutRequirements(files, directory)
}

/** Reads one requirements file with all that it includes by `-r` and `-c`. */
export function readRequirements(files: ProjectFiles, path: string): Requirements {
  const read: ReadState = { files: [], packages: new Set(), localPaths: [], hash: createHash('sha256') }
  readInto(read, files, { path, isConstraint: false, from: undefined })
  return {
    kind: 'file',
    path,
    files: read.files,
    lines: [],
    hash: read.hash.digest('hex'),
    packages: [...read.packages],
    localPaths: read.localPaths,
  }
}

const candidates = [
  'requirements.txt',
  'requirements/production.txt',
  'requirements/prod.txt',
  'requirements/base.txt',
  'requirements/requirements.txt',
  'requirements-production.txt',
  'requirements-prod.txt',
  'requirements_production.txt',
]

interface ReadState {
  readonly files: string[]
  readonly packages: Set<string>
  readonly localPaths: string[]
  readonly hash: ReturnType<typeof createHash>
}

interface Include {
  readonly path: string
  readonly isConstraint: boolean
  readonly from: string | undefined
}

function readInto(state: ReadState, files: ProjectFiles, { path, isConstraint, from }: Include): void {
  if (state.files.includes(path)) return
  const text = files.read(path)
  if (text === undefined) throw missing(path, from)
  state.files.push(path)
  state.hash.update(`${path}\0${Buffer.byteLength(text)}\0${text}`)
  for (const line of requirementLines(text)) {
    const include = /^(?:-r|--requirement|-c|--constraint)[\s=]*(\S+)/.exec(line)?.[1]
    const name = packageName(line)
    if (include !== undefined) {
      const next = posix.join(posix.dirname(path), include)
      readInto(state, files, { path: next, isConstraint: isConstraint || /^--?c/.test(line), from: path })
    } else if (!isConstraint && isLocal(line)) state.localPaths.push(line)
    else if (!isConstraint && name !== undefined) state.packages.add(name)
  }
}

function requirementLines(text: string): readonly string[] {
  const joined = text.replaceAll('\r\n', '\n').replace(/\\\n/g, ' ')
  return joined
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
}

/** `Django[argon2]>=5,<6 ; python_version > "3.9"` is django; an option or a path is nothing. */
function packageName(line: string): string | undefined {
  const name = /^(?:-e\s+\S*#egg=|\S+:\/\/\S*#egg=)?([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?=$|[\s[<>=!~;@,])/.exec(
    line,
  )?.[1]
  return name?.toLowerCase().replace(/[-_.]+/g, '-')
}

function isLocal(line: string): boolean {
  return /^((-e|--editable)[\s=]+)?(\.{1,2}(\/|$|\[)|file:|[\w./-]+\/[\w./-]*(\.whl|\.tar\.gz)$)/.test(line)
}

/** The dependencies of `[project]`. A careful look at one array of strings, not a reader of TOML. */
function dependenciesOf(files: ProjectFiles, path: string): Requirements | undefined {
  const text = files.read(path)
  const project = /^\[project\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text ?? '')?.[1]
  const array = /^dependencies\s*=\s*\[((?:[^\]"'#]|"[^"]*"|'[^']*'|#[^\n]*)*)\]/m.exec(project ?? '')?.[1]
  if (text === undefined || array === undefined) return undefined
  const strings = array.matchAll(/#[^\n]*|"([^"]*)"|'([^']*)'/g)
  const lines = [...strings].map((match) => match[1] ?? match[2]).filter((line) => line !== undefined)
  if (lines.length === 0) return undefined
  const packages = lines.map(packageName).filter((name) => name !== undefined)
  const hash = createHash('sha256').update(lines.join('\n')).digest('hex')
  return { kind: 'pyproject', path, files: [path], lines, hash, packages, localPaths: [] }
}

/** The folder and all above it, the root being `.`. */
function upwards(directory: string): readonly string[] {
  return directory === '.' ? ['.'] : [directory, ...upwards(posix.dirname(directory))]
}

const exporters: readonly (readonly [file: string, command: string])[] = [
  ['uv.lock', 'uv export --no-hashes --no-dev --no-emit-project > requirements.txt'],
  ['poetry.lock', 'poetry export --without-hashes > requirements.txt'],
  ['Pipfile', 'pipenv requirements > requirements.txt'],
  ['setup.py', 'list what the site needs in requirements.txt, with "." as its last line'],
  ['pyproject.toml', 'list what the site needs in requirements.txt'],
]

function withoutRequirements(files: ProjectFiles, directory: string): TasksError {
  const found = exporters.find(([file]) =>
    upwards(directory).some((folder) => files.list().includes(posix.join(folder, file))),
  )
  const beside = directory === '.' ? '"manage.py"' : `"${directory}/manage.py"`
  if (found === undefined) {
    return new TasksError({
      code: 'config',
      message: `Cannot know which packages the site needs, because there is no requirements.txt beside ${beside} or above it.`,
      hint: 'commit one, for example: pip freeze > requirements.txt',
    })
  }
  return new TasksError({
    code: 'config',
    message: `Cannot install the site's packages, because they are listed in "${found[0]}" alone, and there is no requirements.txt.`,
    hint: `commit one: ${found[1]}`,
  })
}

function missing(path: string, from: string | undefined): TasksError {
  return new TasksError({
    code: 'config',
    message:
      from === undefined
        ? `Cannot install the site's packages, because "${path}" is not in the commit.`
        : `Cannot install the site's packages, because "${from}" includes "${path}", which is not in the commit.`,
    hint: `commit the file: git add ${path}`,
  })
}
