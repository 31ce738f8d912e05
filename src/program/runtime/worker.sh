# ── Steps of another user: one shell of theirs, kept for as long as the user stays the same.

perform_by_worker() {
  if [ "$worker_user" != "$AS" ] && ! start_worker "$AS"; then
    [ "$1" = look ] || printf 'user "%s" does not exist\n' "$AS"
    rc=125
    return
  fi
  : >"$R/now/pid"
  for name in $VALUES; do
    eval "printf 'set %s %s\n' \"\$name\" \"\$v_$name\"" >&6
  done
  printf '%s %s\n' "$1" "$2" >&6
  IFS=' ' read -r rc printed <&7 || rc=125
}

start_worker() {
  stop_worker
  find_account "$1" || return 1
  [ ! -e "$R/in" ] || rm -f "$R/in" "$R/out"
  mkfifo -m 600 "$R/in" "$R/out"
  exec 6<>"$R/in" 7<>"$R/out"
  give_data "$1"
  # One end each, so that a worker whose master was killed hears the end of it, and the client in turn.
  as_user "$1" "$R/program" work "$R" "$MODE" </dev/null 3<&- 5<&- 9<&- 6<"$R/in" 7>"$R/out" &
  worker_pid=$!
  worker_user=$1
  printf '%s\n' "$worker_pid" >"$R/now/worker"
}

stop_worker() {
  [ -n "$worker_user" ] || return 0
  printf 'end\n' >&6
  wait "$worker_pid" 2>/dev/null
  exec 6<&- 7<&-
  worker_user=
  : >"$R/now/worker"
}

# Leaves its group's number in `group`, its home folder in `home`, its shell in `login_shell`. Most are in a file that costs no process to read.
find_account() { # USER
  while IFS=: read -r known _ _ group _ home login_shell; do
    [ "$known" != "$1" ] || return 0
  done </etc/passwd
  entry=$(getent passwd "$1" 2>/dev/null) || return 1
  IFS=: read -r _ _ _ group _ home login_shell <<END_OF_ENTRY
$entry
END_OF_ENTRY
}

as_user() { # USER WORD …: of whom `find_account` has told
  user=$1
  shift
  set -- env -i PATH="$PATH" LC_ALL="$LC_ALL" HOME="$home" USER="$user" LOGNAME="$user" SHELL=/bin/sh /bin/sh "$@"
  # By its path, since a busybox shell would take its own setpriv, which cannot do this.
  if [ -x /usr/bin/setpriv ] && [ ! -L /usr/bin/setpriv ]; then
    exec /usr/bin/setpriv --reuid "$user" --regid "$group" --init-groups -- "$@"
  fi
  # shellcheck disable=SC2016 # that shell expands it
  exec su -s /bin/sh "$user" -c 'exec "$0" "$@"' -- "$@"
}

# The worker's side: performs what it is told on fd 6, answers on fd 7.
work() {
  R=$1 MODE=$2 DATA=$1/data AS=$USER
  while IFS= read -r line <&6; do
    case $line in
      end) exit 0 ;;
      forget) FILES='' ;;
      known\ *) check_known "${line#known }"; printf '%s\n' "$?" >&7 ;;
      look\ *) look_at_files; printf '0\n' >&7 ;;
      set\ *) line=${line#set }; eval "v_${line%% *}=\${line#* }" ;;
      value\ * | question\ *) printed=$(in_subshell $line); rc=$?; one_line; printf '%s %s\n' "$rc" "$printed" >&7 ;;
      *) fragment $line; printf '%s\n' "$?" >&7 ;;
    esac
  done
}
