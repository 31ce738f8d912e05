import { hostname, userInfo } from 'node:os'
import type { App } from '../../core/app.ts'
import { type Content, sha256 } from '../../core/data.ts'
import { sh } from '../../core/sh.ts'
import { bundleOf, shallowCommits } from '../../source/bundle.ts'
import { type Commit, commitAt, commitOfWorkTree } from '../../source/commit.ts'
import { commitOfRemote } from '../../source/remote.ts'
import { entriesOf, sizeOf, submodulesIn, treeName } from '../../source/tree.ts'
import { home } from '../../steps/home.ts'
import { previousNumber, type Release, releaseNumber } from '../../steps/release.ts'
import type { TreeSize } from '../../steps/room.ts'
import { siteFolder } from '../../steps/site-layout.ts'
import type { SourceOrigin } from '../../steps/source.ts'
import { committedFiles } from '../project-files.ts'
import { python } from '../python/version.ts'
import type { VirtualenvContents } from '../python/virtualenv.ts'
import { type DjangoProject, detectDjango } from './detect.ts'
import { tellFound } from './findings.ts'
import { overlayFiles } from './orders.ts'
import { publicPaths } from './public-paths.ts'
import { type Given, withSite } from './release-context.ts'
import { gunicornUnitFile, nginxSiteFile, siteUnitFile } from './server-files.ts'
import { dotenvName, environmentOf, variablesOf } from './stage-variables.ts'
import type { DjangoOptions } from './steps.ts'

/** A release of a Django site, and all that its steps are given. */
export interface DjangoRelease extends Release {
  readonly origin: SourceOrigin
  /** What its source takes on a disk. */
  readonly size: TreeSize
  readonly requirements: VirtualenvContents
  readonly overlayFiles: Readonly<Record<string, Content>>
  /** What the steps that run the project need. */
  readonly django: DjangoOptions
  /** The gunicorn unit, with `@home@` open. */
  readonly unitFile: Content
  /** The unit that stands for all releases, with `@home@` open. */
  readonly siteUnitFile: Content
  /** nginx's configuration of the site, with `@home@` open. */
  readonly nginxFile: Content
}

/**
 * Reads the commit and the stage's dotenv, and finds out what the project is: all that a deploy can know before it reaches the host.
 * Tells the person what was found that matters. Rejects with a TasksError where it cannot be deployed as it is.
 */
export async function nextRelease(
  given: Given,
  { ref, uncommitted }: { readonly ref: string; readonly uncommitted: boolean },
): Promise<DjangoRelease> {
  const context = withSite(given)
  const { app, host, site } = context
  const commit = await chosenCommit(app, { ref, uncommitted })
  const { gitDir } = commit.repository
  const entries = await entriesOf(gitDir, treeName(commit))
  const files = await committedFiles(gitDir, entries)
  const project = detectDjango(files, hints(app))
  tellFound(context, { commit, project, files, submodules: submodulesIn(entries), uncommitted })
  const variables = await variablesOf(context)
  const folder = siteFolder({ site: site.name, user: host.siteUser, home })
  const requirements = contents(project, commit)
  const urls = publicPaths(files, project)
  const unitFile = gunicornUnitFile(context, project)
  const overlay = overlayFiles({ site: site.name, aliases: site.aliases, settings: project.settings })
  const identity = sha256(
    JSON.stringify([
      commit.id,
      commit.repository.prefix,
      requirements,
      app.project.overlay,
      Object.values(overlay).map(({ id }) => id),
      unitFile.id,
    ]),
  )
  const release: Release = {
    site,
    folder,
    number: releaseNumber,
    previous: previousNumber,
    path: sh`${folder.path}/releases/${releaseNumber}`,
    identity: sh`${identity.slice(0, 32)}-py${python}`,
    unit: sh`gunicorn-${site.name}@${releaseNumber}.service`,
    virtualenvName: sh`${requirements.hash.slice(0, 12)}-py${python}`,
    commit,
    environment: environmentOf(context, { project, variables }),
    story: {
      site: site.name,
      kind: 'deploy',
      commit: commit.id,
      subject: commit.subject,
      ref: commit.ref,
      who: `${userInfo().username}@${hostname()}`,
    },
  }
  return {
    ...release,
    origin: await originOf(app, commit, project),
    size: sizeOf(entries),
    requirements,
    overlayFiles: overlay,
    django: {
      release,
      directory: project.directory,
      hasOverlay: app.project.overlay,
      wsgi: project.wsgi,
      staticUrl: urls.staticUrl,
      dotenv: dotenvName(app, context.stage),
    },
    unitFile,
    siteUnitFile: siteUnitFile(context),
    nginxFile: nginxSiteFile(context, urls),
  }
}

function chosenCommit(
  { root, project }: App,
  { ref, uncommitted }: { readonly ref: string; readonly uncommitted: boolean },
): Promise<Commit> {
  if (project.repository !== undefined) return commitOfRemote(project.repository, ref)
  return uncommitted ? commitOfWorkTree(root) : commitAt(root, ref)
}

function hints({ project }: App) {
  const { directory, settings, wsgi, requirements } = project
  return { directory: directory === '.' ? undefined : directory, settings, wsgi, requirements }
}

function contents({ requirements, hasGunicorn }: DjangoProject, commit: Commit): VirtualenvContents {
  const { kind, path, lines, localPaths } = requirements
  const listed = kind === 'file' ? ['-r', path] : lines
  const args = [...listed, ...(hasGunicorn ? [] : ['gunicorn'])]
  const hash = sha256(JSON.stringify([requirements.hash, args, localPaths.length === 0 ? '' : commit.id]))
  return { source: path, arguments: args, hash }
}

async function originOf({ project }: App, commit: Commit, { committedDotenv }: DjangoProject): Promise<SourceOrigin> {
  const directory = commit.repository.prefix.replace(/\/$/, '')
  const parts = { directory, leftOut: committedDotenv }
  if (project.repository !== undefined) return { kind: 'clone', url: project.repository, ...parts }
  return {
    kind: 'bundle',
    bundle: (hostHas) => bundleOf(commit, hostHas),
    shallow: await shallowCommits(commit),
    ...parts,
  }
}
