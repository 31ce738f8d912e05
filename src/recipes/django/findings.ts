import { relative } from 'node:path'
import type { Commit } from '../../source/commit.ts'
import type { ProjectFiles } from '../project-files.ts'
import type { DjangoProject } from './detect.ts'
import type { Context } from './release-context.ts'

interface Found {
  readonly commit: Commit
  readonly project: DjangoProject
  readonly files: ProjectFiles
  /** Their folders. */
  readonly submodules: readonly string[]
  readonly uncommitted: boolean
}

/** Tells the person what of a commit and its project matters for the release, and what the release will lack. */
export function tellFound(context: Context, { commit, project, files, submodules, uncommitted }: Found): void {
  const { note } = context
  for (const each of project.notes) note(each)
  const changed = uncommittedOf(context, commit)
  const count = changed.length
  if (count > 0) {
    const paths = changed.slice(0, 3).join(', ') + (count > 3 ? ', …' : '')
    const what = uncommitted ? 'Deploying' : 'Not deploying'
    note({
      level: uncommitted ? 'warning' : 'note',
      message: `${what} uncommitted changes (${count}): ${paths}.`,
      hint: uncommitted ? undefined : 'commit them, or add --uncommitted',
    })
  }
  for (const path of submodules) {
    note({
      level: 'warning',
      message: `"${path}" is a git submodule: its files are not in the release.`,
      hint: 'commit the files themselves',
    })
  }
  if (/filter=lfs/.test(files.read('.gitattributes') ?? '')) {
    note({
      level: 'warning',
      message: 'Some files are in Git LFS: the release gets only the pointers to them.',
      hint: 'commit the files themselves',
    })
  }
}

/** Uncommitted changes that a release lacks. What this program itself reads, it reads from the work tree. */
function uncommittedOf({ app, stage }: Context, { uncommitted, repository }: Commit): readonly string[] {
  const dotenv = stage?.dotenv === undefined ? '' : relative(app.root, stage.dotenv)
  return uncommitted
    .map((path) => (path.startsWith(repository.prefix) ? path.slice(repository.prefix.length) : path))
    .filter((path) => path !== dotenv && !/^(deploy_tools|tasks)\/|^tasks\.config\.\w+$|^\.tasksrc/.test(path))
}
