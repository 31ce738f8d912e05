# ── Running one fragment of a step: in a subshell of its own, with nothing to read and nothing to break.

fragment() (
  in_subshell "$@"
)

# The watch is told its process, whose number is cheapest read off a path; of a worker's it finds that by itself.
in_subshell() { # check|apply|preview|value|question NUMBER, or look files
  exec </dev/null 3<&- 5<&- 6<&- 7<&- 9<&-
  if [ -w "$R/now" ] && cd -P /proc/self 2>/dev/null; then printf '%s\n' "${PWD##*/}" >"$R/now/pid"; fi
  cd /
  umask 022
  set -eu
  eval "text=\${$1_$2-$1_$2}"
  eval "$text"
}

# Runs a fragment as its user; leaves its exit code in `rc` and, for a value, what it printed in `printed`.
perform() { # check|known|apply|preview|value|question NUMBER SECONDS, or look files SECONDS
  begin_watch "$3"
  if [ "$AS" = "$ME" ] || is_to_come; then
    case $1 in
      value | question) printed=$(in_subshell "$1" "$2"); rc=$?; one_line ;;
      look) look_at_files ;;
      known) check_known "$2"; rc=$? ;;
      *) fragment "$1" "$2"; rc=$? ;;
    esac
  else
    perform_by_worker "$1" "$2"
  fi
  end_watch
}

# In a dry run a user that an earlier step would make is not there. One with a worker is: that saves reading all accounts for each check.
is_to_come() {
  [ "$MODE" = dry-run ] && [ "$worker_user" != "$AS" ] && ! find_account "$AS"
}

# A check that what was looked up may answer, which takes no process.
check_known() { # NUMBER
  ONLY_KNOWN=1
  eval "text=\${check_$1-check_$1}"
  if eval "$text"; then ONLY_KNOWN=''; return 0; fi
  ONLY_KNOWN=''
  fragment check "$1"
}

begin_watch() { # SECONDS
  printf '%s\n' "$sequence $1" >"$R/now/step"
  sequence=$((sequence + 1))
}

end_watch() { # leaves 124 in `rc` where the time was over
  printf 'idle 0\n' >"$R/now/step"
  if [ -e "$R/now/timeout" ]; then rm -f "$R/now/timeout"; rc=124; fi
}

# What a fragment printed for us is one line, since lines are what we speak in.
one_line() {
  while case $printed in *"$NL"*) ;; *) false ;; esac; do
    printed="${printed%%"$NL"*} ${printed#*"$NL"}"
  done
}
