# The runtime: what surrounds the steps on the host. POSIX sh with coreutils, nothing to install.
# The parts of a run: `serve` receives it, `body` does it (its output goes through `tee` to a journal, so that a lost client
# stops nothing), `watch` ends what hangs, `listen` hears what the client says, `work` does the steps of another user.

NL='
'
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C.UTF-8
export PATH LC_ALL
unset CDPATH ENV BASH_ENV 2>/dev/null || :
MARK=

# ── What the client reads: frames on lines of their own that begin with the marker of this run.

say() {
  if [ -n "$MARK" ]; then printf '\n%s %s\n' "$MARK" "$*"; else say_plainly "$@"; fi
}

say_plainly() {
  case $1 in
    end) printf '%-12s ' "$3"; "title_$2" ;;
    finish) printf '%s\n' "$2" ;;
    waiting) printf 'waiting for the lock "%s" (%s on %s, since %s, run %s)\n' "$2" "$user" "$machine" "$since" "$run" ;;
  esac
}

# Seconds since the host started, in `clock`: no process is worth a time.
look_at_clock() {
  read -r clock _ 2>/dev/null </proc/uptime || clock=0
}
