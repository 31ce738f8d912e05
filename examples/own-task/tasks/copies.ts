import {
  content,
  daemonReload,
  defineTask,
  file,
  home,
  homeOf,
  packages,
  param,
  service,
  sh,
  step,
  systemdUnit,
} from 'tasks-ssh'
import { provision } from 'tasks-ssh/tasks/provision'

/** Each night the site's SQLite databases are copied, also while they are written to. */
export const copies = defineTask({
  name: 'copies',
  summary: "Copy a site's SQLite databases every night",
  params: {
    site: param.site(),
    days: param.number({ default: 7, summary: 'for how long a copy is kept', placeholder: 'DAYS' }),
  },
  needs: { server: provision },
  lock: 'site',
  steps: ({ host, needs, params }) => {
    const unit = `copies-${params.site}`
    const folder = sh`${needs.server.sitesFolder}/${params.site}`
    const job = systemdUnit({
      name: `${unit}.service`,
      content: content(jobUnit({ ...params, user: host.siteUser })),
      fill: [home],
    })
    const timer = systemdUnit({ name: `${unit}.timer`, content: content(timerUnit(params)) })
    const reload = daemonReload({ after: [job, timer] })
    return [
      homeOf(host.siteUser),
      packages(['sqlite3']),
      file({ path: script, content: content(scriptText), mode: '0755' }),
      job,
      timer,
      reload,
      service({ unit: `${unit}.timer`, enabled: true, running: true, after: [reload] }),
      step({
        name: 'first copy',
        title: `the databases of ${params.site} have been copied once`,
        after: [reload],
        check: sh`[ -d ${folder}/copies ]`,
        apply: sh`systemctl start ${unit}.service`,
        preview: sh`ls ${folder}/database 2>/dev/null || :`,
      }),
    ]
  },
})

const script = '/usr/local/bin/copy-databases'

const scriptText = `#!/bin/sh
# copy-databases SITE_FOLDER DAYS
set -eu
cd "$1"
mkdir -p copies
for database in database/*; do
  case $database in *-wal | *-shm | *-journal) continue ;; esac
  [ ! -f "$database" ] || sqlite3 "$database" ".backup 'copies/$(date +%F)-\${database##*/}'"
done
find copies -type f -mtime "+$2" -delete
`

function jobUnit({ site, days, user }: { readonly site: string; readonly days: number; readonly user: string }) {
  return `[Unit]
Description=Copies of the databases of ${site}

[Service]
Type=oneshot
User=${user}
UMask=0077
ExecStart=${script} @home@/sites/${site} ${days}
`
}

function timerUnit({ site }: { readonly site: string }) {
  return `[Unit]
Description=Nightly copies of the databases of ${site}

[Timer]
OnCalendar=03:30
Persistent=true

[Install]
WantedBy=timers.target
`
}
