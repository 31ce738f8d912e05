import type { Content } from '../core/data.ts'
import { TasksError } from '../core/errors.ts'
import { type HostValue, sh } from '../core/sh.ts'
import { followUp, type Step, step } from '../core/step.ts'
import { file } from './file.ts'

interface UnitOptions {
  /** With its ending: `gunicorn-example.com@.service`. */
  readonly name: string
  readonly content: Content
  readonly fill?: readonly HostValue[] | undefined
  readonly after?: readonly Step[] | undefined
}

const reloading = followUp('daemon-reload')

/**
 * A unit of systemd in /etc/systemd/system, which systemd itself finds no mistake in.
 *
 * The check compares the file. The apply has `systemd-analyze verify` read the new one before it takes its place, and owes a daemon-reload.
 *
 *     systemdUnit({ name: 'worker.service', content: template('worker.service', {}) })
 */
export function systemdUnit({ name, content, fill, after }: UnitOptions): Step {
  checkUnitName(name)
  const unit = file({
    path: `/etc/systemd/system/${name}`,
    title: `systemd has the unit ${name}`,
    content,
    fill,
    owes: [reloading],
    after,
    validate: (path) => sh`unit_is_right ${path} ${name}`,
    explain: ({ output }) => {
      const wrong = /^tasks-unit: (\d+): (.*)$/m.exec(output)
      return wrong
        ? {
            message: `Cannot install the unit "${name}", because its line ${wrong[1]} is wrong: ${wrong[2]}`,
            hint: `correct its template in deploy_tools`,
          }
        : undefined
    },
  })
  return { ...unit, name: `unit ${name}`, uses: [...unit.uses, unitIsRight] }
}

/**
 * systemd knows the unit files as they are now.
 *
 * Unmet while a unit file that was written is not yet read: give it the steps that write them.
 *
 *     daemonReload({ after: [unit] })
 */
export function daemonReload({ after = [] }: { readonly after?: readonly Step[] } = {}): Step {
  return step({
    name: 'daemon-reload',
    title: 'systemd has read its units',
    pays: reloading,
    apply: sh`systemctl daemon-reload`,
    after,
  })
}

/** Refuses what systemd would not take as a unit's name. */
export function checkUnitName(name: string): void {
  if (/^[A-Za-z0-9:_.\\][A-Za-z0-9:_.\\@-]{0,240}\.(service|socket|timer|target|path|mount)$/.test(name)) return
  throw new TasksError({
    code: 'config',
    message: `Cannot use ${JSON.stringify(name)} as a unit, because it is not a name that systemd takes.`,
    hint: 'end it with .service, .timer or .socket',
  })
}

// Only what is said about a line of this file counts: programs that it starts need not be there yet.
const unitIsRight = sh`
  unit_is_right() ( # PATH NAME
    command -v systemd-analyze >/dev/null || exit 0
    folder=$(mktemp -d)
    trap 'rm -rf -- "$folder"' EXIT
    cp -- "$1" "$folder/$2"
    case $2 in *@.*) checked="\${2%%@.*}@1.\${2##*@.}"; ln -s "$2" "$folder/$checked" ;; *) checked=$2 ;; esac
    systemd-analyze verify --man=no "$folder/$checked" >"$folder/said" 2>&1 || :
    sed -n -e "s|^$folder/[^:]*:\([0-9][0-9]*\): |tasks-unit: \1: |p" "$folder/said" >"$folder/wrong"
    cat "$folder/wrong"
    [ ! -s "$folder/wrong" ]
  )`
