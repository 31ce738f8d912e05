import { readFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { relative } from 'node:path'
import type { App, Site, Stage } from '../../core/app.ts'
import { type Content, sha256 } from '../../core/data.ts'
import { TasksError } from '../../core/errors.ts'
import { sh } from '../../core/sh.ts'
import type { StepsContext } from '../../core/task.ts'
import { bundleOf, shallowCommits } from '../../source/bundle.ts'
import { type Commit, commitAt, commitOfWorkTree } from '../../source/commit.ts'
import { commitOfRemote } from '../../source/remote.ts'
import { submodulesOf, treeName, treeSize } from '../../source/tree.ts'
import { type StageVariables, stageVariables } from '../../steps/dotenv.ts'
import type { Environment } from '../../steps/environment-file.ts'
import { home } from '../../steps/home.ts'
import { previousNumber, type Release, releaseNumber } from '../../steps/release.ts'
import type { TreeSize } from '../../steps/room.ts'
import { siteFolder } from '../../steps/site-layout.ts'
import type { SourceOrigin } from '../../steps/source.ts'
import { siteSocket } from '../../steps/switch.ts'
import { committedFiles, type ProjectFiles } from '../project-files.ts'
import { python } from '../python/version.ts'
import type { VirtualenvContents } from '../python/virtualenv.ts'
import { type DjangoProject, detectDjango } from './detect.ts'
import { environmentFor } from './environment.ts'
import { overlayFiles } from './orders.ts'
import { publicPaths } from './public-paths.ts'
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

type Given = Pick<StepsContext<{}, {}>, 'app' | 'host' | 'site' | 'stage' | 'template' | 'note'>
type Context = Given & { readonly site: Site }

/**
 * Reads the commit and the stage's dotenv, and finds out what the project is: all that a deploy can know before it reaches the host.
 * Tells the person what was found that matters. Rejects with a TasksError where it cannot be deployed as it is.
 */
export async function nextRelease(
  given: Given,
  { ref, uncommitted }: { readonly ref: string; readonly uncommitted: boolean },
): Promise<DjangoRelease> {
  const context = withSite(given)
  const { app, host, site, template } = context
  const commit = await chosenCommit(app, { ref, uncommitted })
  const files = await committedFiles(commit.repository.gitDir, treeName(commit))
  const project = detectDjango(files, hints(app))
  await tellFound(context, { commit, project, files, uncommitted })
  const variables = await variablesOf(context)
  const folder = siteFolder({ site: site.name, user: host.siteUser, home })
  const requirements = contents(project, commit)
  const urls = publicPaths(files, project)
  const unitFile = unit(context, project)
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
    size: await treeSize(commit),
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
    siteUnitFile: template('gunicorn-site-systemd.template.service', {
      site: site.name,
      site_folder: `@home@/sites/${site.name}`,
    }),
    nginxFile: nginxConfiguration(context, urls),
  }
}

function withSite(given: Given): Context {
  if (given.site === undefined)
    throw new TasksError({ code: 'usage', message: 'Cannot deploy without a site.', hint: 'add --site NAME' })
  return { ...given, site: given.site }
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

interface Found {
  readonly commit: Commit
  readonly project: DjangoProject
  readonly files: ProjectFiles
  readonly uncommitted: boolean
}

async function tellFound(context: Context, { commit, project, files, uncommitted }: Found): Promise<void> {
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
  for (const path of await submodulesOf(commit)) {
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

async function variablesOf({ app: { root }, site, stage }: Context): Promise<StageVariables | undefined> {
  if (stage?.dotenv === undefined) return undefined
  const name = relative(root, stage.dotenv)
  const bytes = await readFile(stage.dotenv).catch((cause: NodeJS.ErrnoException) => {
    const because = cause.code === 'ENOENT' ? 'it does not exist' : cause.message
    throw new TasksError({
      code: 'config',
      message: `Cannot read the dotenv file "${name}", because ${because}.`,
      hint: `make it, or remove stages.${stage.name}.dotenv`,
      cause,
    })
  })
  return stageVariables(bytes, name, [site.name, ...site.aliases, stage.name])
}

/** How a person knows where a variable of this site is set. */
function dotenvName({ root }: App, stage: Stage | undefined): string {
  if (stage === undefined) return 'a dotenv file, and name it in the config: stages.NAME.dotenv, and the stage in sites'
  return stage.dotenv === undefined
    ? `a dotenv file, and name it in the config: stages.${stage.name}.dotenv`
    : `${relative(root, stage.dotenv)} (stages.${stage.name}.dotenv)`
}

function environmentOf(
  { site, note }: Context,
  { project, variables }: { readonly project: DjangoProject; readonly variables: StageVariables | undefined },
): Environment {
  const names = variables?.names ?? []
  const found = environmentFor(project, { siteName: site.name, aliases: site.aliases, stageDotenvNames: names })
  for (const name of found.singleHostNames) {
    note({
      level: 'warning',
      message: `The settings take one host from "${name}", so the aliases of "${site.name}" may be refused.`,
    })
  }
  const settings = names.includes('DJANGO_SETTINGS_MODULE') ? {} : { DJANGO_SETTINGS_MODULE: project.settings }
  return { computed: { ...settings, ...found.values }, keyNames: found.secretKeyNames, stage: variables?.lines }
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

function unit({ app, host, site, template }: Context, { directory, wsgi }: DjangoProject): Content {
  return template('gunicorn-systemd.template.service', {
    site: site.name,
    user: host.siteUser,
    site_folder: `@home@/sites/${site.name}`,
    directory: directory === '.' ? '' : `/${directory}`,
    wsgi,
    overlay: app.project.overlay,
    workers: app.project.workers ?? '',
  })
}

function nginxConfiguration({ app, site, template }: Context, urls: ReturnType<typeof publicPaths>): Content {
  const folder = `@home@/sites/${site.name}`
  return template('nginx.template.conf', {
    site: site.name,
    names: [site.name, ...site.aliases],
    socket: siteSocket(site.name),
    static_url: urls.staticUrl,
    static_root: `${folder}/current/static`,
    media_url: urls.mediaUrl,
    media_root: `${folder}/media`,
    max_body_size: app.project.maxBodySize,
    in_place: app.project.strategy === 'restart',
  })
}
