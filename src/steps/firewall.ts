import type { Content } from '../core/data.ts'
import { sh } from '../core/sh.ts'
import { type Step, step } from '../core/step.ts'
import { fileFunctions } from './file.ts'

interface FirewallOptions {
  /** TCP ports that anybody may reach, beside those on which sshd listens. */
  readonly ports: readonly number[]
  /** The port that we came in by, if it is known: never closed. */
  readonly sshPort?: number | undefined
  /** `deploy_tools/firewall.template.nft`, with `@ports@` where the ports belong. */
  readonly rules: Content
  /** `deploy_tools/firewall-systemd.service` */
  readonly unit: Content
}

/**
 * Only SSH and these ports can be reached from outside; sshd's own ports are looked up on the host, so that nobody is locked out.
 *
 * The check compares the rules' file, the unit that loads them at boot, and the table in the kernel. The apply replaces that
 * one table, `inet tasks`, in one transaction; no other rule is touched. Where ufw is in use, the ports are allowed there instead. Needs the package nftables.
 *
 *     firewall({ ports: [80, 443], rules, unit })
 */
export function firewall({ ports, sshPort, rules, unit }: FirewallOptions): Step {
  const open = [...new Set([...ports, ...(sshPort === undefined ? [] : [sshPort])])].map(String)
  return step({
    name: 'firewall',
    title: `from outside, only SSH and the ports ${ports.join(', ')} can be reached`,
    lookups: {
      units: ['tasks-firewall.service', 'ssh.socket'],
      files: ['/etc/systemd/system/tasks-firewall.service'],
    },
    check: sh`
      ports=$(firewall_ports ${open})
      if firewall_is_ufw; then
        firewall_ufw_allows "$ports"
      else
        firewall_is "$ports" ${rules} ${unit}
      fi`,
    apply: sh`
      ports=$(firewall_ports ${open})
      if firewall_is_ufw; then
        for port in $ports; do ufw allow "$port/tcp"; done
      else
        firewall_make "$ports" ${rules} ${unit}
      fi`,
    preview: sh`
      ports=$(firewall_ports ${open})
      printf 'open: tcp %s\n' "$ports"
      if firewall_is_ufw; then printf 'in ufw, which is in use\n'; else firewall_closes "$ports"; fi`,
    data: [rules, unit],
    uses: [...fileFunctions, firewallFunctions],
    explain: ({ output }) =>
      /Operation not (?:permitted|supported)|Protocol not supported|Unable to initialize Netlink|No such file or directory/.test(
        output,
      )
        ? {
            message: 'Cannot set up the firewall, because the kernel of the host does not let it use nftables.',
            hint: "if somebody else's firewall guards the host, set provision.firewall to false",
          }
        : undefined,
  })
}

const firewallFunctions = sh`
  firewall_ports() ( # PORT…: those and sshd's, sorted, in one line
    ports=$*
    ! command -v sshd >/dev/null || firewall_add_configured
    firewall_add_heard
    set -- $(printf '%s\n' $ports | sort -n -u)
    printf %s "$*"
  )

  firewall_add_configured() { # sshd's own word is dear, so it is asked only where a file of its names a port, or other files
    said=$(grep -s -h -i -E '^[[:space:]]*(port|listenaddress|include)[[:space:]=]' /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf || :)
    case $said in
      '' | 'Include /etc/ssh/sshd_config.d/*.conf') ports="$ports 22" ;;
      *) ports="$ports $(sshd -T 2>/dev/null | sed -n 's/^port //p')" ;;
    esac
  }

  firewall_add_heard() { # where an sshd listens now, and where systemd does so for it
    heard=$(ss -Hltnp 2>/dev/null || :)
    while read -r _ _ _ address _ who; do
      case $who in *'"sshd"'*) ports="$ports \${address##*:}" ;; esac
    done <<END_OF_HEARD
  $heard
  END_OF_HEARD
    look_up ssh.socket Listen
    for word in $looked; do
      case $word in *:[0-9]*) ports="$ports \${word##*:}" ;; esac
    done
  }

  firewall_is_ufw() {
    [ -f /etc/ufw/ufw.conf ] && grep -q '^ENABLED=yes' /etc/ufw/ufw.conf
  }

  firewall_ufw_allows() ( # "PORT…"
    allowed=$(ufw status) || exit 2
    for port in $1; do
      printf '%s\n' "$allowed" | grep -q -E "^$port(/tcp)? +ALLOW +Anywhere" || exit 1
    done
  )

  firewall_rules() { # "PORT…" FILE
    firewall_list $1
    filled "$2" ports "$listed"
  }

  firewall_list() { # PORT…: as nft writes them, in listed
    listed=$1
    shift
    for port in "$@"; do listed="$listed, $port"; done
  }

  firewall_is() { # "PORT…" RULES UNIT
    firewall_rules "$1" "$2" | cmp -s - /etc/tasks/firewall.nft || return 1
    content_is /etc/systemd/system/tasks-firewall.service "$3" || return 1
    unit_is tasks-firewall.service ActiveState active && unit_is tasks-firewall.service UnitFileState enabled || return 1
    if command -v nft >/dev/null; then firewall_holds "$1" || return 1; fi
  }

  firewall_holds() ( # "PORT…": what the kernel has, which anybody may have flushed
    rules=$(nft list chain inet tasks input 2>/dev/null) || exit 1
    firewall_list $1
    case $rules in *'policy drop'*"tcp dport { $listed } accept"*) ;; *) exit 1 ;; esac
  )

  firewall_make() (
    mkdir -p /etc/tasks
    firewall_rules "$1" "$2" >/etc/tasks/.firewall.nft.new
    nft -c -f /etc/tasks/.firewall.nft.new
    mv -f /etc/tasks/.firewall.nft.new /etc/tasks/firewall.nft
    cat -- "$3" >/etc/systemd/system/.tasks-firewall.service.new
    mv -f /etc/systemd/system/.tasks-firewall.service.new /etc/systemd/system/tasks-firewall.service
    chmod 644 /etc/tasks/firewall.nft /etc/systemd/system/tasks-firewall.service
    systemctl daemon-reload
    systemctl --quiet enable tasks-firewall.service
    systemctl restart tasks-firewall.service || { journalctl --no-pager -o cat -n 10 -u tasks-firewall.service; exit 1; }
  )

  firewall_closes() ( # "PORT…": what listens for everybody now and is not among them
    ss -Hltn 2>/dev/null | while read -r _ _ _ address _; do
      case $address in 127.* | '[::1]':* | *%lo:*) continue ;; esac
      case " $1 " in *" \${address##*:} "*) ;; *) printf 'closed: tcp %s\n' "\${address##*:}" ;; esac
    done | sort -u
  )`
