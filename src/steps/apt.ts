import { sh } from '../core/sh.ts'

/** `apt_install NAME…` and `apt_preview NAME…`: apt-get as a machine should use it. */
export const aptFunctions = sh`
  apt_install() (
    export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a APT_LISTCHANGES_FRONTEND=none UCF_FORCE_CONFFOLD=1
    apt_finish_interrupted || exit 1
    updated=
    if ! apt_lists_are_fresh; then
      updated=1
      apt_update || printf '\n%s\n' 'Going on with the package lists that there are.'
    fi
    apt_get install -- "$@" && exit 0
    [ -z "$updated" ] || exit 1
    printf '\n%s\n' 'Trying once more, with fresh package lists.'
    apt_update && apt_get install -- "$@"
  )

  apt_get() {
    apt-get -y -q --no-install-recommends -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
      -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
  }

  # Lists count as fresh for a day after an update of ours, unless a source was changed since.
  apt_lists_are_fresh() {
    [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -print 2>/dev/null | head -n 1)" ] &&
      [ -n "$(find /var/lib/tasks/apt-updated -mmin -1440 2>/dev/null)" ] &&
      [ -z "$(find /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/keyrings -newer /var/lib/tasks/apt-updated 2>/dev/null)" ]
  }

  apt_update() {
    apt_patiently apt-get -q update -o APT::Update::Error-Mode=any || return 1
    mkdir -p /var/lib/tasks && : >/var/lib/tasks/apt-updated
  }

  apt_finish_interrupted() {
    if [ -z "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ] && [ -z "$(dpkg --audit 2>/dev/null)" ]; then return 0; fi
    printf '%s\n' 'Finishing what an interrupted dpkg left.'
    apt_patiently dpkg --force-confdef --force-confold --configure -a
  }

  # The lock of the lists and dpkg's own have no timeout of their own.
  apt_patiently() {
    tries=0
    while :; do
      if said=$("$@" 2>&1); then printf '%s\n' "$said"; return 0; fi
      case $said in
        *'Could not get lock'* | *'lock was locked by another process'*) ;;
        *) printf '%s\n' "$said"; return 1 ;;
      esac
      tries=$((tries + 1))
      [ "$tries" -ne 1 ] || printf '%s\n' "$said"
      if [ "$tries" -ge 200 ]; then return 1; fi
      sleep 3
    done
  }

  apt_preview() { # without the caches and the log, which apt-get would write even when it only simulates
    apt-get -s -q --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
      -o Dir::Log::Planner=/dev/null -o Dir::Log::Solver=/dev/null install -- "$@" 2>/dev/null |
      sed -n -e 's/^Inst \([^ ]*\) \[\([^]]*\)\] (\([^ ]*\).*/~ \1 \2 -> \3/p' -e 's/^Inst \([^ ]*\) (\([^ ]*\).*/+ \1 \2/p' |
      grep . || for name in "$@"; do pkg_installed "$name" || printf '+ %s\n' "$name"; done
  }`
