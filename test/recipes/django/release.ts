import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type FactsAnswer, parseFacts } from '../../../src/recipes/django/facts.ts'

const run = promisify(execFile)
const recipe = join(import.meta.dirname, '../../../src/recipes/django')
export const secretKey = 'the-key-of-this-host-alone-with-fifty-and-more-letters-0123456789'

/** Folders as a host has them, around one project's source: enough to run it as a release runs. */
export interface Release {
  readonly root: string
  readonly source: string
  readonly directory: string
  readonly environment: Record<string, string>
  readonly bin: string
}

interface Wanted {
  readonly bin: string
  readonly directory?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly orders?: Readonly<Record<string, unknown>>
}

/** The source is filled by the caller; everything around it is made here. */
export async function makeRelease(fill: (source: string) => Promise<void>, wanted: Wanted): Promise<Release> {
  const root = await mkdtemp(join(tmpdir(), 'tasks-release-'))
  const source = join(root, 'source')
  for (const folder of ['source', 'overlay', 'database', 'media', 'static']) await mkdir(join(root, folder))
  await fill(source)
  await cp(join(recipe, 'overlay/sitecustomize.py'), join(root, 'overlay/sitecustomize.py'))
  await writeFile(join(root, 'overlay/overlay.json'), JSON.stringify({ ...orders(root), ...wanted.orders }))
  const environment = {
    HOME: root,
    PATH: `${wanted.bin}:/usr/bin:/bin`,
    PYTHONPATH: join(root, 'overlay'),
    PYTHONDONTWRITEBYTECODE: '1',
    DJANGO_SECRET_KEY: secretKey,
    TASKS_SOCKET: join(root, 'socket'),
    TASKS_RELEASE: 'site.example.com/8',
    ...wanted.environment,
  }
  return { root, source, directory: join(source, wanted.directory ?? '.'), environment, bin: wanted.bin }
}

export async function facts(release: Release, wsgi: string): Promise<FactsAnswer> {
  return parseFacts(await python(release, join(recipe, 'facts.py'), wsgi))
}

/** What Python printed; rejects with its error output when it fails. */
export async function python(release: Release, ...words: readonly string[]): Promise<string> {
  const { stdout } = await run(join(release.bin, 'python'), [...words], {
    cwd: release.directory,
    env: release.environment,
  })
  return stdout
}

/** Runs the release under gunicorn while `use` lasts; what gunicorn said is given back. */
export async function served(release: Release, wsgi: string, use: () => Promise<void>): Promise<string> {
  const words = ['--config', join(recipe, 'gunicorn.conf.py'), wsgi]
  const options = { cwd: release.directory, env: release.environment }
  const gunicorn = spawn(join(release.bin, 'gunicorn'), words, options)
  let said = ''
  const booted = new Promise<void>((resolve) => {
    const hear = (chunk: Buffer) => {
      said += chunk.toString()
      if (/Booting worker/.test(said)) resolve()
    }
    gunicorn.stdout.on('data', hear)
    gunicorn.stderr.on('data', hear)
  })
  const exited = once(gunicorn, 'close')
  await Promise.race([booted, exited])
  if (gunicorn.exitCode !== null) throw new Error(`gunicorn does not start:\n${said}`)
  try {
    await use()
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\ngunicorn said:\n${said}`, { cause: error })
  } finally {
    await stopped(gunicorn, exited)
  }
  return said
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** One request over the release's socket, as nginx would send it. */
export function ask(release: Release, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const socketPath = join(release.root, 'socket')
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, headers: { Host: 'site.example.com', ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}

export async function removed(release: Release): Promise<void> {
  await rm(release.root, { recursive: true, force: true })
}

async function stopped(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM')
  await exited
}

function orders(root: string): Readonly<Record<string, unknown>> {
  return {
    source: join(root, 'source'),
    debug: false,
    allowed_hosts: ['site.example.com', 'www.site.example.com'],
    static_root: join(root, 'static'),
    media_root: join(root, 'media'),
    database_dir: join(root, 'database'),
    secret_key_env: 'DJANGO_SECRET_KEY',
    force: [
      'DEBUG',
      'ALLOWED_HOSTS',
      'SECRET_KEY',
      'STATIC_ROOT',
      'MEDIA_ROOT',
      'DATABASES',
      'SECURE_PROXY_SSL_HEADER',
      'LOGGING',
    ],
  }
}
