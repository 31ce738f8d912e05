import type { Content } from '../../core/data.ts'
import { siteSocket } from '../../steps/switch.ts'
import type { DjangoProject } from './detect.ts'
import type { PublicPaths } from './public-paths.ts'
import type { Context } from './release-context.ts'

/** The unit of one release, with `@home@` open. */
export function gunicornUnitFile({ app, host, site, template }: Context, { directory, wsgi }: DjangoProject): Content {
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

/** The unit that stands for all releases of a site, with `@home@` open. */
export function siteUnitFile({ site, template }: Context): Content {
  return template('gunicorn-site-systemd.template.service', {
    site: site.name,
    site_folder: `@home@/sites/${site.name}`,
  })
}

/** nginx's configuration of a site, with `@home@` open. */
export function nginxSiteFile({ app, site, template }: Context, urls: PublicPaths): Content {
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
