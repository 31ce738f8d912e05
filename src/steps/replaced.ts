import { sh } from '../core/sh.ts'
import { type Explanation, type Said, type Step, step } from '../core/step.ts'
import { type HealthQuestion, healthExplained, healthFunctions, provesHealth } from './healthy.ts'
import { fullDiskFunctions } from './host-trouble.ts'
import { doneFile, type MadeRelease } from './release.ts'
import { startExplained } from './running.ts'
import { lookupsOf, unitFunctions } from './site-unit.ts'
import { stampFunctions } from './stamp.ts'
import { drainFunctions, switchFunctions, switchNews } from './switch.ts'

/**
 * The site serves this release, and no other instance of the site runs, at no time: for servers that have not the memory for two. Nobody
 * is answered from the stop of the one before until this one is healthy.
 *
 * Checks all of it: the unit, the stamps, the link, the other instances. The apply stops the one before, starts this one, asks for its health
 * and switches; whether it stays well is looked at while it serves, since until then nobody does. Where any of it fails, this one is stopped
 * and the one before started again; a guard does so where the run itself is killed. It is one step because between its parts nobody serves.
 */
export function replaced(release: MadeRelease, question: HealthQuestion): Step {
  const { folder, number, unit } = release
  const prefix = `gunicorn-${folder.site}`
  const current = sh`${folder.path}/current`
  return step({
    name: 'switched',
    title: `${folder.site} serves release <release>, started in place of the one before`,
    uses: [
      unitFunctions,
      stampFunctions,
      fullDiskFunctions,
      healthFunctions,
      switchFunctions,
      drainFunctions,
      replaceFunctions,
    ],
    lookups: lookupsOf(folder.site),
    check: sh`
      unit_is_enabled ${unit} && unit_is_seen_up ${unit} || exit 1
      stamped ${doneFile(release, 'healthy')} ${number} && stamped ${doneFile(release, 'switched')} ${number} || exit 1
      leads_to ${current} releases/${number} || exit 1
      no_other_is_seen ${prefix} ${number}`,
    apply: sh`
      serving=$(current_of ${folder.path}) is_replaced=
      [ "$serving" != ${number} ] || serving=
      go_back() { bring_back ${prefix} ${number} "$serving" ${folder.user} ${current}; }
      trap '[ -n "$is_replaced" ] || go_back' EXIT
      guard ${prefix} ${number} "$serving" ${folder.user} ${current}
      runuser -u ${folder.user} -- rm -f -- ${doneFile(release, 'healthy')}
      systemctl daemon-reload
      stop_others ${prefix} ${number}
      systemctl reset-failed -- ${unit} 2>/dev/null || :
      systemctl start -- ${unit} || give_up ${unit} ${folder.path} ${number} ${folder.user}
      ${provesHealth(release, { ...question, hold: 0 })}
      switch_as_user ${folder.user} ${current} releases/${number}
      systemctl enable --quiet -- ${unit}
      drain ${prefix} ${number}
      stays_well ${question.hold ?? 0} "$@" || {
        switch_back ${number} "$serving" ${folder.user} ${current}
        give_up ${unit} ${folder.path} ${number} ${folder.user}
      }
      note_as_user ${folder.user} ${number} ${doneFile(release, 'switched')}
      is_replaced=yes
      end_guard ${prefix}`,
    preview: sh`
      other_instances ${prefix} ${number} | sed ${`s/.*/stop ${prefix}@&.service/`}
      printf 'start %s\nGET %s\n%s -> %s\n' ${unit} ${`http://${folder.site}${question.path}`} ${current} releases/${number}`,
    timeouts: { apply: question.timeout + (question.hold ?? 0) + 300 },
    tell: (said) => switchNews(release, said),
    explain: (said) => explained(said, release, question),
  })
}

function explained(said: Said, release: MadeRelease, { path, timeout }: HealthQuestion): Explanation {
  const why = /^health: /m.test(said.output)
    ? healthExplained(said, { release, path, timeout })
    : startExplained(said, release)
  if (!said.output.includes('the one before does not start')) return why
  return {
    ...why,
    message: why.message.replace(/\.$/, '; and the release before does not start again, so nobody serves.'),
  }
}

const replaceFunctions = sh`
stop_others() { # UNIT_PREFIX NUMBER: they still start at boot, until this one has taken their place
  # The site's own unit is wanted by each instance, and once it starts it starts the current one.
  systemctl start -- "$1.service" 2>/dev/null || :
  for other in $(other_instances "$1" "$2"); do
    systemctl stop -- "$1@$other.service"
  done
}
switch_as_user() { # USER LINK TARGET
  runuser -u "$1" -- sh -c 'rm -f -- "$1.new" && ln -s -- "$2" "$1.new" && mv -fT -- "$1.new" "$1"' sh "$2" "$3"
}
switch_back() { # NUMBER NUMBER_BEFORE USER LINK
  if [ -n "$2" ] && leads_to "$4" "releases/$1"; then switch_as_user "$3" "$4" "releases/$2"; fi
}
bring_back() { # UNIT_PREFIX NUMBER NUMBER_BEFORE USER LINK
  systemctl stop -- "$1@$2.service"
  if [ -z "$3" ]; then return; fi
  switch_back "$2" "$3" "$4" "$5"
  systemctl enable --quiet -- "$1@$3.service"
  systemctl disable --quiet -- "$1@$2.service" 2>/dev/null || :
  systemctl start -- "$1@$3.service" || printf 'the one before does not start\n'
}
end_guard() { # UNIT_PREFIX
  systemctl stop -- "$1-guard.service" 2>/dev/null || :
}
# A run that is killed brings nothing back: a process of systemd's own does, once that of the run is gone and neither release serves.
guard() { # UNIT_PREFIX NUMBER NUMBER_BEFORE USER LINK
  end_guard "$1"
  [ -n "$3" ] || return 0
  read -r own_process _ </proc/self/stat
  systemd-run --quiet --collect --unit "$1-guard.service" -- sh -c '
    while [ -d "/proc/$6" ]; do sleep 1; done
    serves() { [ "$(readlink -- "$link")" = "releases/$1" ] && systemctl --quiet is-active "$unit@$1.service"; }
    unit=$1 new=$2 before=$3 user=$4 link=$5
    if serves "$new" || serves "$before"; then exit 0; fi
    systemctl stop -- "$unit@$new.service"
    runuser -u "$user" -- sh -c '\''rm -f -- "$1.new" && ln -s -- "$2" "$1.new" && mv -fT -- "$1.new" "$1"'\'' sh "$link" "releases/$before"
    systemctl --quiet enable -- "$unit@$before.service"
    systemctl --quiet disable -- "$unit@$new.service"
    systemctl start -- "$unit@$before.service"
  ' sh "$1" "$2" "$3" "$4" "$5" "$own_process"
}`
