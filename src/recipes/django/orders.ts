import { readFileSync } from 'node:fs'
import { type Content, content } from '../../core/data.ts'
import { sh } from '../../core/sh.ts'
import { type Step, step } from '../../core/step.ts'
import { contentOf, contentsAre, fileFunctions, hasContent, openIn } from '../../steps/file.ts'
import type { Release } from '../../steps/release.ts'

/** The settings that the overlay may touch. */
const forced = [
  'DEBUG',
  'ALLOWED_HOSTS',
  'SECRET_KEY',
  'STATIC_ROOT',
  'MEDIA_ROOT',
  'DATABASES',
  'SECURE_PROXY_SSL_HEADER',
  'LOGGING',
] as const

interface OrdersOptions {
  readonly site: string
  readonly aliases: readonly string[]
  readonly settings: string
}

/** The files that stand beside the project's source, by their names in the release's `overlay` folder; `@home@` and `@release@` are open. */
export function overlayFiles(options: OrdersOptions): Readonly<Record<string, Content>> {
  return {
    'sitecustomize.py': own('overlay/sitecustomize.py'),
    'gunicorn.conf.py': own('gunicorn.conf.py'),
    'facts.py': own('facts.py'),
    'copy_databases.py': own('copy_databases.py'),
    'overlay.json': content(`${JSON.stringify(orders(options), undefined, 2)}\n`),
  }
}

function orders({ site, aliases, settings }: OrdersOptions) {
  const folder = `@home@/sites/${site}`
  return {
    source: `${folder}/releases/@release@/source`,
    force: forced,
    debug: false,
    allowed_hosts: [site, ...aliases],
    static_root: `${folder}/releases/@release@/static`,
    media_root: `${folder}/media`,
    database_dir: `${folder}/database`,
    secret_key_env: 'DJANGO_SECRET_KEY',
    settings_module: settings,
  }
}

function own(path: string): Content {
  return content(readFileSync(new URL(path, import.meta.url)))
}

/**
 * What stands beside the project's source: the settings overlay with its orders, gunicorn's configuration, and the questions.
 * Checks each file's bytes; writes beside and renames.
 */
export function overlay(release: Release, files: Readonly<Record<string, Content>>): Step {
  const folder = sh`${release.path}/overlay`
  const each = Object.entries(files).map(([name, content]) => {
    const file = { path: sh`${folder}/${name}`, content, fill: [release.folder.home, release.number] }
    return { ...file, isOpen: openIn(file).length > 0 }
  })
  const [open, fixed] = [each.filter(({ isOpen }) => isOpen), each.filter(({ isOpen }) => !isOpen)]
  return step({
    name: 'overlay',
    title: `release <release> of ${release.folder.site} has its settings overlay`,
    as: release.folder.user,
    uses: [...fileFunctions, contentsAre],
    data: Object.values(files),
    check: sh`
      contents_are ${fixed.flatMap(({ path, content }) => [path, content.id])} || exit 1
      ${open.map((file) => sh`[ -f ${file.path} ] && ${hasContent(file)} || exit 1;`)}`,
    apply: sh`
      mkdir -p -- ${folder}
      ${each.map((file) => sh`${contentOf(file)} >${file.path}.new; mv -f -- ${file.path}.new ${file.path};`)}`,
    preview: sh`printf '+ %s\n' ${each.map(({ path }) => path)}`,
  })
}
