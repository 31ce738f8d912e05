import { fromLookups, sh } from '../core/sh.ts'
import { type FollowUp, type Step, step } from '../core/step.ts'
import { checkUnitName } from './systemd-unit.ts'

interface ServiceOptions {
  /** With its ending: `nginx.service`. */
  readonly unit: string
  readonly enabled?: boolean | undefined
  readonly running?: boolean | undefined
  /** Restarts it too, while this is owed. */
  readonly pays?: FollowUp | undefined
  readonly after?: readonly Step[] | undefined
}

/**
 * A unit that runs (or does not), and starts with the machine (or does not); what is left out is left as it is.
 *
 * The check asks systemd, once for all steps. The apply enables and starts, and restarts where something is owed.
 *
 *     service({ unit: 'postgresql.service', enabled: true, running: true })
 */
export function service({ unit, enabled, running, pays, after = [] }: ServiceOptions): Step {
  checkUnitName(unit)
  const wanted = [
    enabled === undefined ? '' : enabled ? 'enabled' : 'disabled',
    running === undefined ? '' : running ? 'running' : 'stopped',
  ]
  return step({
    name: `service ${unit}${pays === undefined ? '' : ` (${pays.name})`}`,
    title: `${unit} is ${wanted.filter(Boolean).join(' and ')}`,
    lookups: { units: [unit] },
    check: fromLookups(sh`service_is ${unit} ${wanted}`),
    apply: sh`service_make ${unit} ${wanted} ${pays === undefined ? 'start' : 'restart'}`,
    uses: [serviceFunctions],
    after,
    explain: ({ output }) =>
      /is masked/.test(output)
        ? {
            message: `Cannot start "${unit}", because somebody masked it on the host.`,
            hint: `if nobody needs that any more: systemctl unmask ${unit}`,
          }
        : /(?:Unit|Unit file) \S+ (?:not found|does not exist|could not be found)/.test(output)
          ? {
              message: `Cannot start "${unit}", because the host has no such unit.`,
              hint: `see which there are: systemctl list-unit-files '${unit.slice(0, 3)}*'`,
            }
          : undefined,
    ...(pays === undefined ? {} : { pays }),
  })
}

/** The unit starts with the machine. */
export function enabled(unit: string, { after }: { readonly after?: readonly Step[] } = {}): Step {
  return { ...service({ unit, enabled: true, after }), name: `enabled ${unit}` }
}

/** The unit runs. */
export function started(unit: string, { after }: { readonly after?: readonly Step[] } = {}): Step {
  return { ...service({ unit, running: true, after }), name: `started ${unit}` }
}

const serviceFunctions = sh`
  service_is() { # UNIT enabled|disabled|'' running|stopped|''
    case $2 in
      enabled) unit_is "$1" UnitFileState enabled || return 1 ;;
      disabled) if unit_is "$1" UnitFileState enabled; then return 1; fi ;;
    esac
    case $3 in
      running) unit_is "$1" ActiveState active ;;
      stopped) if unit_is "$1" ActiveState active; then return 1; fi ;;
    esac
  }

  service_make() { # UNIT enabled|disabled|'' running|stopped|'' start|restart
    case $2 in
      enabled) systemctl --quiet enable -- "$1" ;;
      disabled) systemctl --quiet disable -- "$1" ;;
    esac
    case $3 in
      running) systemctl "$4" -- "$1" || service_failed "$1" ;;
      stopped) systemctl stop -- "$1" ;;
    esac
  }

  service_failed() {
    journalctl --no-pager -o cat -n 20 -u "$1" || :
    return 1
  }`
