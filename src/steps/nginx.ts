import { type Content, content } from '../core/data.ts'
import { TasksError } from '../core/errors.ts'
import { type HostValue, sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import { type NginxConfig, nginxConfig, nginxReload, nginxTried } from './nginx-config.ts'
import { explainNginx } from './nginx-failure.ts'
import { nginxTrial } from './nginx-trial.ts'

/** The texts of `deploy_tools/nginx-basics.conf` and `nginx-catch-all.template.conf`, rendered. */
interface BasicsOptions {
  readonly basics: Content
  readonly catchAll: Content
  readonly catchAllWithoutIPv6: Content
}

const listenFile = '/etc/nginx/snippets/tasks-listen.conf'

/**
 * nginx knows long server names, and answers nothing to a name that no site has: there is no default page.
 *
 * The checks compare files. They may come before nginx itself, so that it never runs without them: its package leaves alone
 * what it finds in their place. Where nginx is there, each counts only once `nginx -t` took it; it owes a reload then.
 *
 *     nginxBasics({ basics, catchAll, catchAllWithoutIPv6 })
 */
export function nginxBasics({ basics, catchAll, catchAllWithoutIPv6 }: BasicsOptions): readonly Step[] {
  return [
    nginxConfig({
      name: 'nginx basics',
      title: 'nginx takes long server names and knows the maps that sites use',
      path: '/etc/nginx/conf.d/tasks.conf',
      content: basics,
      isLenient: true,
    }),
    nginxConfig({
      name: 'nginx listen',
      title: 'sites listen on port 80, of IPv6 too where the host has it',
      path: listenFile,
      content: content('listen 80;\nlisten [::]:80;\n'),
      contentWithoutIPv6: content('listen 80;\n'),
      isLenient: true,
    }),
    nginxConfig({
      name: 'nginx catch-all',
      title: 'nginx refuses names that no site has',
      path: '/etc/nginx/sites-available/tasks-catch-all',
      link: '/etc/nginx/sites-enabled/default',
      content: catchAll,
      contentWithoutIPv6: catchAllWithoutIPv6,
      isLenient: true,
    }),
  ]
}

interface SiteOptions {
  readonly site: string
  /** `deploy_tools/nginx.template.conf`, rendered. */
  readonly content: Content
  /** Host values that replace `@name@` in it: the paths in the user's home folder. */
  readonly fill?: readonly HostValue[] | undefined
  readonly after?: readonly Step[] | undefined
}

/**
 * nginx has the configuration of a site, and has found no mistake in it.
 *
 * The check compares the file in sites-available and the link in sites-enabled. The apply writes both, has `nginx -t` judge, and puts
 * back what was there if it refuses. Owes a reload, which `nginxServes` pays.
 *
 *     nginxSite({ site: 'example.com', content: template('nginx.template.conf', variables), fill: [home] })
 */
export function nginxSite(options: SiteOptions): Step {
  return nginxConfig({
    ...siteConfig(options),
    name: `nginx site ${options.site}`,
    title: `nginx has the site ${options.site}`,
  })
}

/**
 * nginx would take the configuration of a site: to be asked before a release is started that goes with it.
 *
 * Met where that configuration is in place. The apply tries it as `nginxSite` does, and puts back what was there.
 *
 *     nginxAccepts({ site: 'example.com', content: template('nginx.template.conf', variables), fill: [home] })
 */
export function nginxAccepts(options: SiteOptions): Step {
  return nginxTried({
    ...siteConfig(options),
    name: `nginx accepts ${options.site}`,
    title: `nginx accepts the configuration of ${options.site}`,
  })
}

function siteConfig({ site, content: text, fill, after }: SiteOptions): Omit<NginxConfig, 'name' | 'title'> {
  checkSiteName(site)
  return {
    deed: `set up the site "${site}" in nginx`,
    path: `/etc/nginx/sites-available/${site}`,
    link: `/etc/nginx/sites-enabled/${site}`,
    content: text,
    fill,
    after,
  }
}

/**
 * nginx runs, starts with the machine, and serves its configuration as it is on disk.
 *
 * The check asks systemd, and whether a reload is owed. The apply tests the configuration, then enables, starts or reloads, and
 * waits until the workers that have the old one take no more connections.
 *
 *     nginxServes({ after: [site] })
 */
export function nginxServes({ after = [] }: { readonly after?: readonly Step[] } = {}): Step {
  return step({
    name: 'nginx serves',
    title: 'nginx runs with this configuration, and starts with the machine',
    lookups: { units: ['nginx.service'] },
    check: sh`unit_is nginx.service ActiveState active && unit_is nginx.service UnitFileState enabled`,
    apply: sh`
      nginx_alone
      nginx -t -q
      systemctl --quiet enable nginx.service
      if systemctl --quiet is-active nginx.service; then
        nginx_reload
      else
        systemctl start nginx.service || nginx_start_failed
      fi`,
    uses: [nginxTrial, serving],
    pays: nginxReload,
    after,
    explain: (said) => explainNginx(said, { deed: 'serve sites with nginx' }),
  })
}

function checkSiteName(site: string): void {
  if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(site) && site !== 'default' && !site.includes('..')) return
  throw new TasksError({
    code: 'config',
    message: `Cannot serve a site named ${JSON.stringify(site)}, because it is not a domain name.`,
  })
}

// A reload is over when no worker of before takes connections: until then the old configuration answers some of them.
const serving = sh`
  nginx_reload() {
    master=$(systemctl show -P MainPID nginx.service)
    before=$(nginx_workers "$master")
    systemctl reload nginx.service
    tries=0
    while nginx_any_serves $before && [ "$tries" -lt 100 ]; do
      sleep 0.05
      tries=$((tries + 1))
    done
  }

  nginx_workers() { # MASTER
    for task in /proc/"$1"/task/*/children; do
      if [ -r "$task" ]; then cat "$task"; fi
    done
  }

  nginx_any_serves() {
    for worker in "$@"; do
      worker_title=$(tr '\000' ' ' 2>/dev/null <"/proc/$worker/cmdline") || continue
      case $worker_title in *'shutting down'*) ;; *worker*) return 0 ;; esac
    done
    return 1
  }

  nginx_start_failed() {
    journalctl --no-pager -o cat -n 20 -u nginx.service || :
    ss -ltnp 'sport = :80' 2>/dev/null || :
    return 1
  }`
