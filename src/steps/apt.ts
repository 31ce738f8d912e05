import { sh } from '../core/sh.ts'

/**
 * `apt_install SECONDS NAME…` and `apt_preview NAME…`: apt-get as a machine should use it. Whoever is at work with APT or dpkg is
 * named and waited for, for so many seconds; what an interrupted dpkg left is finished first.
 */
export const aptFunctions = sh`
  apt_install() (
    export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a APT_LISTCHANGES_FRONTEND=none UCF_FORCE_CONFFOLD=1
    apt_deadline=$(($(date +%s) + $1))
    shift
    apt_wait && apt_finish_interrupted || exit 1
    updated=
    if ! apt_lists_are_fresh; then
      updated=1
      apt_update || printf '\n%s\n' 'Going on with the package lists that there are.'
    fi
    apt_get install "$@" && exit 0
    [ -z "$updated" ] || exit 1
    printf '\n%s\n' 'Trying once more, with fresh package lists.'
    apt_update && apt_get install "$@"
  )

  # The run is named on the command line, for whoever finds this process at work once the run is dead.
  apt_get() {
    apt_wait || return 1
    apt-get -y "$@" -o tasks::run="\${RUN-}" -q --no-install-recommends -o DPkg::Lock::Timeout="$(apt_seconds_left)" \
      -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold
  }

  # Lists count as fresh for a day after an update of ours, unless a source was changed since.
  apt_lists_are_fresh() {
    [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -print 2>/dev/null | head -n 1)" ] &&
      [ -n "$(find /var/lib/tasks/apt-updated -mmin -1440 2>/dev/null)" ] &&
      [ -z "$(find /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/keyrings -newer /var/lib/tasks/apt-updated 2>/dev/null)" ]
  }

  apt_update() {
    if apt_patiently apt-get -q update -o APT::Update::Error-Mode=any; then
      mkdir -p /var/lib/tasks && : >/var/lib/tasks/apt-updated
    else
      apt_name_sources
      return 1
    fi
  }

  apt_name_sources() { # of what could not be read: where it is, and the file that asks for it
    printf '%s\n' "$said" | grep '^[EW]: ' | grep -o -E '[a-z]+:/[^ ]+' | sed 's|^\([a-z]*://[^/]*\)/.*|\1|' | sort -u |
      while IFS= read -r apt_source; do
        printf 'unread source: %s %s\n' "$apt_source" "$(grep -r -l -F -- "$apt_source" /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1)"
      done
  }

  apt_finish_interrupted() {
    if [ -z "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ] && [ -z "$(dpkg --audit 2>/dev/null)" ]; then return 0; fi
    printf '%s\n' 'Finishing what an interrupted dpkg left.'
    apt_patiently dpkg --force-confdef --force-confold --configure -a || apt_get -f install
  }

  apt_patiently() { # dpkg and the lock of the lists do not wait by themselves
    said=
    while apt_wait; do
      if said=$("$@" 2>&1); then printf '%s\n' "$said"; return 0; fi
      case $said in
        *'Could not get lock'* | *'Unable to lock'* | *'lock was locked by another process'*) sleep 1 ;;
        *) printf '%s\n' "$said"; return 1 ;;
      esac
    done
    return 1
  }

  apt_wait() { # until nobody else has the locks, or the time is over
    waited_for=
    while holder=$(apt_holder); do
      [ "$waited_for" = "$holder" ] || printf 'APT is used by process %s.\nWaiting until it has ended, for up to %s seconds.\n' "$holder" "$(apt_seconds_left)"
      waited_for=$holder
      [ "$(apt_seconds_left)" -gt 0 ] || { printf 'still in use: %s\n' "$holder"; return 1; }
      sleep 1
    done
  }

  apt_seconds_left() {
    apt_left=$((apt_deadline - $(date +%s)))
    if [ "$apt_left" -gt 0 ]; then printf %s "$apt_left"; else printf 0; fi
  }

  apt_holder() ( # prints the number and command of the process that has one of the locks
    for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do
      inode=$(stat -c %i -- "$lock" 2>/dev/null) || continue
      # Read at one go: of a list that changes meanwhile, a shell that reads byte by byte may miss a line
      for pid in $(awk -v inode="$inode" '$2 == "POSIX" { split($6, place, ":"); if (place[3] == inode) print $5 }' /proc/locks); do
        ls -l "/proc/$pid/fd" 2>/dev/null | grep -q -F -- " -> $lock" || continue
        printf '%s (%s)' "$pid" "$(tr '\000\n' '  ' <"/proc/$pid/cmdline" | cut -c 1-200 | sed 's/ *$//')"
        exit 0
      done
    done
    exit 1
  )

  apt_preview() { # without the caches and the log, which apt-get would write even when it only simulates
    apt-get -s -q --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
      -o Dir::Log::Planner=/dev/null -o Dir::Log::Solver=/dev/null install -- "$@" 2>/dev/null |
      sed -n -e 's/^Inst \([^ ]*\) \[\([^]]*\)\] (\([^ ]*\).*/~ \1 \2 -> \3/p' -e 's/^Inst \([^ ]*\) (\([^ ]*\).*/+ \1 \2/p' |
      grep . || for name in "$@"; do pkg_installed "$name" || printf '+ %s\n' "$name"; done
  }`
