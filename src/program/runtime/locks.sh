# ── Tasks, and their locks: held by this process alone, and gone with it.

task() { # INDEX LOCK
  [ -z "$prove" ] || return 0
  exec 9>&-
  say task "$1"
  [ "$2" = - ] || [ "$MODE" = dry-run ] || [ -n "$OVER" ] || lock "$2"
  look_at_clock # a step begins when the one before it ends
}

lock() {
  exec 9>>"$LOCKS/$1"
  if ! flock -n 9; then
    look_at_holder "$1"
    case $1:$WAIT in
      host:* | *:wait) ;;
      *) say locked "$1" "$holder"; OVER=locked; return ;;
    esac
    say waiting "$1" "$holder"
    wait_for_lock || { OVER=interrupted; return; }
  fi
  printf '%s\n' "$HOLDER" >"$LOCKS/$1"
  forget_looks
}

# Who it is, and at which step of theirs: in words, in `holder`.
look_at_holder() { # LOCK
  IFS=' ' read -r user machine since run task site <"$LOCKS/$1" || run=-
  place='after 0 0'
  if look_at_run "$run"; then place_of_run; fi
  holder="${user:--} ${machine:--} ${since:--} $run ${task:--} ${site:--} $place"
}

wait_for_lock() {
  until flock -w 1 9; do
    [ ! -e "$R/stop" ] || return 1
  done
}
