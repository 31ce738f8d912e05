# ── Tasks, and their locks: held by this process alone, and gone with it.

task() { # INDEX LOCK
  [ -z "$prove" ] || return 0
  exec 9>&-
  say task "$1"
  [ "$2" = - ] || [ "$MODE" = dry-run ] || [ -n "$OVER" ] || lock "$2"
}

lock() {
  exec 9>>"$LOCKS/$1"
  if ! flock -n 9; then
    IFS= read -r holder <"$LOCKS/$1" || holder='- - - -'
    case $1:$WAIT in
      host:* | *:wait) ;;
      *) say locked "$1" "$holder"; OVER=locked; return ;;
    esac
    say waiting "$1" "$holder"
    wait_for_lock || { OVER=interrupted; return; }
  fi
  printf '%s\n' "$HOLDER" >"$LOCKS/$1"
}

wait_for_lock() {
  until flock -w 1 9; do
    [ ! -e "$R/stop" ] || return 1
  done
}
