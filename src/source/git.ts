import { execFile } from 'node:child_process'
import { resolve as absolute } from 'node:path'
import { TasksError } from '../core/errors.ts'
import { firstCommitHint } from './first-commit.ts'

/** A folder in a local git repository; the project is what is below it. */
export interface Repository {
  /** The `.git` folder, absolute. */
  readonly gitDir: string
  /** What its work trees have in common, absolute: the same, but for a linked work tree. */
  readonly commonDir: string
  /** The work tree's top, absolute; undefined for a bare repository. */
  readonly top: string | undefined
  /** The project's folder relative to the top: `` or `web/`. */
  readonly prefix: string
}

interface GitOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Finds the repository that a folder is in. Rejects with a TasksError where there is none, or no git. */
export async function repositoryAt(folder: string): Promise<Repository> {
  const words = ['rev-parse', '--absolute-git-dir', '--git-common-dir', '--show-toplevel', '--show-prefix']
  const said = await git(words, { cwd: folder }).catch(async (error: unknown) => {
    throw isMissingProgram(error) ? noGit(error) : await noRepository(folder, error)
  })
  const [gitDir = '', commonDir = '', top = '', prefix = ''] = said.toString().split('\n')
  return { gitDir, commonDir: absolute(folder, commonDir), top, prefix }
}

/** Runs git and resolves to its standard output. Rejects with git's own words. */
export async function git(args: readonly string[], { cwd, env = {}, input }: GitOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...cleanEnvironment(), ...env }, encoding: 'buffer', maxBuffer: 2 ** 31 } as const
    const child = execFile('git', args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(isMissingProgram(error) ? error : new GitFailure(stderr.toString().trim() || error.message))
    })
    child.stdin?.on('error', () => undefined) // git may end before it has read all
    child.stdin?.end(input ?? '')
  })
}

/** What git said when it failed. */
export class GitFailure extends Error {}

/** A git hook that calls us has set variables that would lead to another repository. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, GIT_PREFIX: _prefix, ...rest } = process.env
  return { ...rest, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' }
}

function isMissingProgram(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function noGit(cause: unknown): TasksError {
  return new TasksError({
    code: 'failed',
    message: 'Cannot read the project, because git is not installed on this machine.',
    hint: 'install git',
    cause,
  })
}

async function noRepository(folder: string, cause: unknown): Promise<TasksError> {
  const words = cause instanceof Error ? cause.message : ''
  const isForeign = words.includes('dubious ownership')
  return new TasksError({
    code: 'config',
    message: isForeign
      ? `Cannot deploy "${folder}", because the git repository belongs to another user.`
      : `Cannot deploy "${folder}", because it is in no git repository, and a release is made from a commit.`,
    hint: isForeign
      ? `run: git config --global --add safe.directory ${folder}`
      : await firstCommitHint(folder, { isRepository: false }),
    cause,
  })
}
