import { sh } from '../core/sh.ts'
import { type News, type Said, type Step, step } from '../core/step.ts'
import { hostTrouble, pathTrouble } from './host-trouble.ts'
import { doneFile, type MadeRelease } from './release.ts'
import { lookupsOf, unitFunctions } from './site-unit.ts'
import { stampFunctions } from './stamp.ts'

/** Where nginx finds a site, whatever release serves it. */
export function siteSocket(site: string): string {
  return `/var/lib/tasks/sockets/${site}.sock`
}

/** The socket that nginx proxies to leads to the current release's: checked and replaced as a link. */
export function socketLink({ folder }: MadeRelease): Step {
  const link = siteSocket(folder.site)
  const target = sh`${folder.path}/current/socket`
  return step({
    name: 'socket',
    title: `nginx finds the socket of ${folder.site}`,
    uses: [switchFunctions],
    check: sh`leads_to ${link} ${target}`,
    apply: sh`
      mkdir -p -m 755 -- /var/lib/tasks/sockets
      chmod 711 /var/lib/tasks
      chmod 755 /var/lib/tasks/sockets
      switch_link ${link} ${target}`,
  })
}

/**
 * The site's current release is this one: code, static files, environment and socket switch with one rename.
 * Checks where the link leads; the apply makes one beside it and renames it. New connections go to the new release at once.
 */
export function switchedTo(release: MadeRelease): Step {
  const { folder, number } = release
  return step({
    name: 'switched',
    title: `${folder.site} serves release <release>`,
    as: folder.user,
    uses: [stampFunctions, switchFunctions],
    check: sh`stamped ${doneFile(release, 'switched')} ${number} && leads_to ${folder.path}/current releases/${number}`,
    apply: sh`
      stamped ${doneFile(release, 'healthy')} ${number} || { printf 'not healthy\n'; exit 1; }
      switch_link ${folder.path}/current releases/${number}
      note_switch ${doneFile(release, 'switched')} ${number}`,
    preview: sh`printf '%s -> %s\n' ${folder.path}/current releases/${number}`,
    tell: (said) => switchNews(release, said),
    explain: (said) => {
      if (said.output.includes('not healthy')) {
        return {
          message: `Cannot switch "${folder.site}" to a release whose health is not proved.`,
          hint: 'run the deploy again, and apply the steps "running" and "healthy"',
        }
      }
      const cannot = `Cannot switch "${folder.site}" to release ${said.values[number.name] ?? ''}`
      return hostTrouble(said, cannot) ?? pathTrouble(said, cannot)
    },
  })
}

/** That a site serves another release now. */
export function switchNews({ folder, number, commit }: MadeRelease, { verdict, values }: Said): readonly News[] {
  if (verdict !== 'changed') return []
  return [{ kind: 'switched', site: folder.site, release: Number(values[number.name]), commit: idOf(commit, values) }]
}

function idOf({ id }: MadeRelease['commit'], values: Readonly<Record<string, string>>): string {
  return typeof id === 'string' ? id : (values[id.name] ?? '')
}

/** Host functions about a link that is only ever replaced by a rename. */
export const switchFunctions = sh`
leads_to() {
  [ -L "$1" ] && [ "$(readlink -- "$1")" = "$2" ]
}
switch_link() { # LINK TARGET
  rm -f -- "$1.new"
  ln -s -- "$2" "$1.new"
  mv -fT -- "$1.new" "$1"
}
note_switch() { # FILE NUMBER: its line was written while there was a way back, so that a full disk does not stop it here
  if ! stamped "$1.new" "$2"; then stamp "$1" "$2"; return; fi
  sync -- "$1.new" 2>/dev/null || sync
  mv -f -- "$1.new" "$1"
}`

/**
 * No other release of the site runs, or would start at boot: the ones before are told to finish what they are answering, and end.
 * Checks what systemd has; does nothing unless this release is the current one.
 */
export function drained(release: MadeRelease): Step {
  const { folder, number } = release
  const prefix = `gunicorn-${folder.site}`
  return step({
    name: 'drained',
    title: `no other release of ${folder.site} runs`,
    uses: [unitFunctions, drainFunctions],
    lookups: lookupsOf(folder.site),
    check: sh`no_other_is_seen ${prefix} ${number}`,
    apply: sh`
      current=$(current_of ${folder.path})
      [ "$current" = ${number} ] || { printf 'not switched\n'; exit 1; }
      drain ${prefix} ${number}`,
    preview: sh`other_instances ${prefix} ${number} | sed ${`s/.*/stop ${prefix}@&.service/`}`,
    timeouts: { apply: 300 },
    explain: ({ output }) =>
      output.includes('not switched')
        ? {
            message: `Cannot stop the other releases of "${folder.site}", because this one is not the current one yet.`,
            hint: 'run the deploy again, and apply the step "switched"',
          }
        : undefined,
  })
}

/** Host functions about the site's other instances. They use `unitFunctions`. */
export const drainFunctions = sh`
other_instances() { # UNIT_PREFIX NUMBER
  site_instances "$1" | grep -v -x -- "$2" || :
}
drain() { # with one reload: of the links that are gone, and of the one that is new; before the stop, so that a run killed between is seen
  others=$(other_instances "$1" "$2")
  for other in $others; do
    systemctl disable --quiet --no-reload -- "$1@$other.service" 2>/dev/null || :
    rm -f -- "/etc/systemd/system/multi-user.target.wants/$1@$other.service"
  done
  [ -z "$others" ] || systemctl daemon-reload
  for other in $others; do
    systemctl stop -- "$1@$other.service"
    systemctl reset-failed -- "$1@$other.service" 2>/dev/null || :
  done
}`
