# The runtime: what surrounds the steps on the host. POSIX sh with coreutils, nothing to install.
# The parts of a run: `serve` receives it, `body` does it (its output goes through `tee` to a journal, so that a lost client
# stops nothing), `watch` ends what hangs, `listen` hears what the client says, `work` does the steps of another user.

NL='
'
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C.UTF-8
export PATH LC_ALL
unset CDPATH ENV BASH_ENV 2>/dev/null || :
ME=$(id -un)
MARK=

# ── What the client reads: frames on lines of their own that begin with the marker of this run.

say() {
  if [ -n "$MARK" ]; then printf '\n%s %s\n' "$MARK" "$*"; else say_plainly "$@"; fi
}

say_plainly() {
  case $1 in
    end) eval "printf '%-12s %s\n' \"$3\" \"\$title_$2\"" ;;
    finish) printf '%s\n' "$2" ;;
    locked) printf 'waiting for the lock "%s" (%s)\n' "$2" "$3" ;;
  esac
}

# Seconds since the host started, in `clock`: no process is worth a time.
look_at_clock() {
  read -r clock _ 2>/dev/null </proc/uptime || clock=0
}

# ── Running one fragment of a step: in a subshell of its own, with nothing to read and nothing to break.

fragment() (
  exec </dev/null 3<&- 5<&- 6<&- 7<&- 9<&-
  if read -r pid _ 2>/dev/null </proc/self/stat; then printf '%s\n' "$pid" >"$R/now/pid"; fi
  cd /
  umask 022
  set -eu
  eval "text=\${$1_$2-$1_$2}"
  eval "$text"
)

# Runs a fragment as its user; leaves its exit code in `rc` and, for a value, what it printed in `printed`.
perform() { # check|apply|preview|value|question NUMBER SECONDS
  printf '%s\n' "$sequence $3" >"$R/now/step"
  sequence=$((sequence + 1))
  if [ "$AS" = "$ME" ] || { [ "$MODE" = dry-run ] && ! id -u "$AS" >/dev/null 2>&1; }; then
    case $1 in
      value | question) printed=$(fragment "$1" "$2"); rc=$? ;;
      *) fragment "$1" "$2"; rc=$? ;;
    esac
  else
    perform_by_worker "$1" "$2"
  fi
  printf 'idle 0\n' >"$R/now/step"
  if [ -e "$R/now/timeout" ]; then rm -f "$R/now/timeout"; rc=124; fi
}

# ── Steps of another user: one shell of theirs, kept for as long as the user stays the same.

perform_by_worker() {
  [ "$worker_user" = "$AS" ] || start_worker "$AS" || { rc=125; return; }
  : >"$R/now/pid"
  for name in $VALUES; do
    eval "printf 'set %s %s\n' \"\$name\" \"\$v_$name\"" >&6
  done
  printf '%s %s\n' "$1" "$2" >&6
  IFS=' ' read -r rc printed <&7 || rc=125
}

start_worker() {
  stop_worker
  if ! home=$(home_of "$1"); then
    printf 'user "%s" does not exist\n' "$1"
    return 1
  fi
  rm -f "$R/in" "$R/out"
  mkfifo -m 600 "$R/in" "$R/out"
  exec 6<>"$R/in" 7<>"$R/out"
  give_data "$1"
  as_user "$1" "$home" "$R/program" work "$R" "$MODE" </dev/null 3<&- 5<&- 9<&- &
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
  rm -f "$R/now/worker"
}

home_of() {
  while IFS=: read -r user _ _ _ _ folder _; do
    if [ "$user" = "$1" ]; then printf '%s' "$folder"; return 0; fi
  done </etc/passwd
  entry=$(getent passwd "$1" 2>/dev/null) || return 1
  entry=${entry%:*}
  printf '%s' "${entry##*:}"
}

as_user() {
  user=$1 home=$2
  shift 2
  set -- env -i PATH="$PATH" LC_ALL="$LC_ALL" HOME="$home" USER="$user" LOGNAME="$user" SHELL=/bin/sh /bin/sh "$@"
  # By its path, since a busybox shell would take its own setpriv, which cannot do this.
  if [ -x /usr/bin/setpriv ] && [ ! -L /usr/bin/setpriv ]; then
    exec /usr/bin/setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups -- "$@"
  fi
  # shellcheck disable=SC2016 # that shell expands it
  exec su -s /bin/sh "$user" -c 'exec "$0" "$@"' -- "$@"
}

# The worker's side: performs what it is told on fd 6, answers on fd 7.
work() {
  R=$1 MODE=$2 DATA=$1/data
  while IFS= read -r line <&6; do
    case $line in
      end) exit 0 ;;
      set\ *) line=${line#set }; eval "v_${line%% *}=\${line#* }" ;;
      value\ * | question\ *) printed=$(work_fragment $line); printf '%s %s\n' "$?" "$printed" >&7 ;;
      *) work_fragment $line; printf '%s\n' "$?" >&7 ;;
    esac
  done
}

work_fragment() (
  exec </dev/null 6<&- 7<&-
  cd /
  umask 022
  set -eu
  eval "text=\${$1_$2-$1_$2}"
  eval "$text"
)

# ── The one process that ends what hangs. The step's own line in now/step changes with every fragment.

watch() {
  last='' seconds=0
  while sleep 1; do
    IFS=' ' read -r current limit <"$R/now/step" || continue
    if [ "$current" != "$last" ]; then last=$current seconds=0; continue; fi
    [ "$current" != idle ] || continue
    worker_gone && printf '137\n' >&7
    seconds=$((seconds + 1))
    if [ "$seconds" -ge "$limit" ]; then
      : >"$R/now/timeout"
      end_fragment
      last=''
    fi
  done
}

# A dead worker stays a zombie until it is waited for, and whoever waits for its answer waits for ever.
worker_gone() {
  read -r pid 2>/dev/null <"$R/now/worker" || return 1
  exec 7<>"$R/out"
  read -r stat 2>/dev/null <"/proc/$pid/stat" || return 0
  case ${stat##*) } in Z*) return 0 ;; *) return 1 ;; esac
}

# Ends the running fragment with all that it started: politely, then not.
end_fragment() {
  for signal in TERM KILL; do
    found=
    if read -r pid 2>/dev/null <"$R/now/worker"; then found="$(descendants "$pid")"; fi
    if read -r pid 2>/dev/null <"$R/now/pid" && kill -0 "$pid" 2>/dev/null; then found="$found $pid $(descendants "$pid")"; fi
    [ -z "${found# }" ] || kill -s "$signal" $found 2>/dev/null
    [ "$signal" = KILL ] || sleep 1
  done
}

descendants() { # PID: those that it started, and those that they started
  parents=" $1 " all=''
  while :; do
    more=
    for stat in /proc/[0-9]*/stat; do
      read -r line 2>/dev/null <"$stat" || continue
      pid=${line%% *}
      fields=${line##*) }
      fields=${fields#* }
      case $parents in *" ${fields%% *} "*) case " $all " in *" $pid "*) ;; *) more="$more $pid" ;; esac ;; esac
    done
    [ -n "$more" ] || break
    all="$all$more" parents="$more "
  done
  printf %s "$all"
}

# ── What the client says while steps run: stop after this step, end it now, or an answer in step mode.

listen() {
  while IFS= read -r line; do
    case $line in
      stop) : >"$R/stop" ;;
      kill) : >"$R/stop"; : >"$R/killed"; end_fragment ;;
      answer\ *) printf '%s\n' "${line#answer }" >&5 ;;
    esac
  done
  : >"$R/lost"
  [ "$MODE" != step ] || printf 'lost\n' >&5
}

# ── Data: contents stay on the host by their hash; secrets came with the program; streams are asked for when they are needed.

data() { # content|secret|stream ID LENGTH OWNER [NUMBER]
  ALL_DATA="$ALL_DATA$1 $2 $3 $4 ${5-0}$NL"
}

receive_data() {
  wanted='' lost=''
  while IFS=' ' read -r kind id length owner number; do
    case $kind in
      content) [ -f "$STORE/$id" ] || wanted="$wanted content:$id:" ;;
      stream) [ "$MODE" = dry-run ] || ask_stream ;;
    esac
  done <<END_OF_DATA
$ALL_DATA
END_OF_DATA
  if [ -n "$wanted" ]; then
    say want$wanted
    for item in $wanted; do
      [ -n "$lost" ] || receive_one || lost=1
    done
  fi
  link_contents
}

ask_stream() {
  AS=$owner
  if id -u "$AS" >/dev/null 2>&1; then perform question "$number" 60; else rc=1 printed=; fi
  [ "$rc" = 0 ] || wanted="$wanted stream:$id:$(printf %s "$printed" | tr ' \n\t' ',,,')"
}

receive_one() {
  IFS=' ' read -r id length <&3 || return 1
  take_bytes "$length" "$DATA/$id" <&3
  [ "$(wc -c <"$DATA/$id")" -eq "$length" ] || return 1
  case $item in content:*) keep_content ;; esac
}

keep_content() {
  set -- $(sha256sum <"$DATA/$id")
  [ "$1" = "$id" ] || return 1
  chmod 444 "$DATA/$id"
  [ "$MODE" = dry-run ] || mv "$DATA/$id" "$STORE/$id"
}

# Exactly so many bytes of standard input and not one more: what follows is somebody else's.
take_bytes() {
  : >"$2"
  [ "$1" -lt 65536 ] || dd bs=65536 count=$(($1 / 65536)) iflag=fullblock 2>/dev/null >"$2"
  [ $(($1 % 65536)) -eq 0 ] || dd bs=$(($1 % 65536)) count=1 iflag=fullblock 2>/dev/null >>"$2"
}

link_contents() {
  links=
  while IFS=' ' read -r kind id _; do
    [ "$kind" != content ] || [ ! -f "$STORE/$id" ] || links="$links $STORE/$id"
  done <<END_OF_DATA
$ALL_DATA
END_OF_DATA
  [ -z "$links" ] || ln -s $links "$DATA/"
}

# Secrets and streams belong to the one user whose steps read them.
give_data() {
  while IFS=' ' read -r kind id _ owner _; do
    [ "$kind" = content ] || [ "$owner" != "$1" ] || [ ! -e "$DATA/$id" ] || chown "$1" "$DATA/$id"
  done <<END_OF_DATA
$ALL_DATA
END_OF_DATA
}

# ── Grouped look-ups: one process for all packages, one for all units, again only after something was applied.

look() {
  [ -n "$stale" ] || return 0
  stale=
  PACKAGES= UNITS=
  [ -z "$LOOK_PACKAGES" ] || PACKAGES=$(dpkg-query -W -f '${binary:Package} ${db:Status-Status} ${Version}\n' $LOOK_PACKAGES 2>/dev/null)
  [ -z "$LOOK_UNITS" ] || UNITS=$(systemctl show --no-pager -p ActiveState,SubState,UnitFileState,LoadState,NeedDaemonReload,FragmentPath,MainPID,ActiveEnterTimestampMonotonic $LOOK_UNITS 2>/dev/null)
}

pkg_version() {
  while IFS=' ' read -r package status version; do
    if [ "${package%%:*}" = "$1" ] && [ "$status" = installed ]; then printf %s "$version"; return 0; fi
  done <<END_OF_PACKAGES
$PACKAGES
END_OF_PACKAGES
  return 1
}

pkg_installed() {
  pkg_version "$1" >/dev/null
}

unit_get() { # UNIT PROPERTY: the blocks come in the order of the names
  rest=$UNITS
  for unit in $LOOK_UNITS; do
    block=${rest%%"$NL$NL"*}
    rest=${rest#"$block"}
    rest=${rest#"$NL$NL"}
    if [ "$unit" = "$1" ]; then
      case "$NL$block" in *"$NL$2="*) ;; *) return 0 ;; esac
      block="$NL$block"
      block=${block#*"$NL$2="}
      printf %s "${block%%"$NL"*}"
      return 0
    fi
  done
}

unit_is() {
  [ "$(unit_get "$1" "$2")" = "$3" ]
}

# ── One step.

step() { # NUMBER USER CHECK_SECONDS APPLY_SECONDS "AFTER" "OWES" "PAYS" "HAS"
  if [ -n "$prove" ]; then recheck "$@"; return; fi
  N=$1 AS=$2 CHECK_SECONDS=$3 APPLY_SECONDS=$4 AFTER=$5 OWES=$6 PAYS=$7 HAS=$8
  rc=0
  [ ! -e "$R/stop" ] || [ -n "$OVER" ] || OVER=interrupted
  [ ! -e "$R/lost" ] || [ "$MODE" != step ] || [ -n "$OVER" ] || OVER=interrupted
  if [ -n "$OVER" ]; then verdict skipped; return 0; fi
  look_at_clock
  say start "$N" "$clock"
  case $HAS in *lookups*) look ;; esac
  case $HAS in
    *value:*) set_value ;;
    *) waits_for || judge ;;
  esac
}

verdict() {
  eval "state_$N=\$1"
  look_at_clock
  say end "$N" "$1" "$rc" "$clock" "${2-}"
  case $1 in
    changed) changes=$((changes + 1)) ;;
    failed | unknown) went_wrong ;;
  esac
}

# A dry run looks on, since every later step is asked, not done.
went_wrong() {
  if [ -e "$R/killed" ]; then OVER=interrupted
  elif [ "$MODE" = dry-run ]; then wrong=failed
  else OVER=failed
  fi
}

set_value() { # a value that is refused is refused by name, so that no later path is built from rubbish
  perform value "$N" "$CHECK_SECONDS"
  case $printed in *"$NL"*) rc=65 ;; esac
  if [ "$rc" != 0 ]; then printf '%s\n' "$printed"; verdict unknown; return; fi
  name=${HAS##*value:}
  name=${name%% *}
  eval "v_$name=\$printed"
  VALUES="$VALUES $name"
  say value "$N" "$name" "$printed"
  verdict met
}

# In a dry run, a step that reads what another one will change is decided after that one.
waits_for() {
  [ "$MODE" = dry-run ] || return 1
  waiting=
  for other in $AFTER; do
    eval "state=\${state_$other-}"
    case $state in would | after | failed | unknown) waiting="$waiting,$other" ;; esac
  done
  [ -n "$waiting" ] && verdict after "${waiting#,}"
}

judge() {
  is_met
  case $rc in
    0) verdict met ;;
    1) unmet ;;
    *) verdict unknown ;;
  esac
}

is_met() {
  rc=1
  case $HAS in
    *check*) perform check "$N" "$CHECK_SECONDS" ;;
    *) [ -z "$PAYS" ] || rc=0 ;;
  esac
  if [ "$rc" = 0 ] && [ -n "$PAYS" ] && [ -e "$OWED/$PAYS" ]; then rc=1; fi
}

unmet() {
  case $HAS in
    *apply*) ;;
    *) verdict failed; return ;;
  esac
  case $MODE in
    dry-run) preview; verdict would; return ;;
    step) preview; consent || return 0 ;;
  esac
  applied
}

preview() {
  case $HAS in *preview*) ;; *) return 0 ;; esac
  say preview "$N"
  perform preview "$N" "$CHECK_SECONDS"
  say previewed "$N" "$rc"
}

# Step mode: 0 when the person wants it. A client that is gone wants nothing more.
consent() {
  [ "$consent" != all ] || return 0
  say ask "$N"
  IFS= read -r answer <&5
  case $answer in
    apply) return 0 ;;
    all) consent=all; return 0 ;;
    skip) rc=0; verdict skipped; return 1 ;;
    *) OVER=interrupted; verdict skipped; return 1 ;;
  esac
}

# What the change makes due is noted before the change, and forgotten only when it is done.
applied() {
  look_at_clock
  say apply "$N" "$clock"
  for debt in $OWES; do : >"$OWED/$debt"; done
  perform apply "$N" "$APPLY_SECONDS"
  stale=1
  if [ "$rc" != 0 ]; then changes=$((changes + 1)); verdict failed; return; fi
  [ -z "$PAYS" ] || rm -f "$OWED/$PAYS"
  case $HAS in *check*) ;; *) verdict changed; return ;; esac
  case $HAS in *lookups*) look ;; esac
  is_met
  case $rc in
    0) verdict changed ;;
    1) verdict failed did-not-converge ;;
    *) verdict unknown ;;
  esac
}

# ── After any change, every check once more: "converged" is proved, not hoped.

prove() {
  [ -z "$OVER" ] && [ "$changes" -gt 0 ] || return 0
  stale=1
  say pass
  prove=1
  steps
}

recheck() {
  N=$1 AS=$2 CHECK_SECONDS=$3 PAYS=$7 HAS=$8
  eval "state=\${state_$N-}"
  case $state in met | changed) ;; *) return 0 ;; esac
  case $HAS in *check*) ;; *) return 0 ;; esac
  case $HAS in *lookups*) look ;; esac
  is_met
  if [ "$rc" != 0 ]; then OVER=failed; say unproved "$N" "$rc"; fi
}

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
    say locked "$1" "$holder"
    case $1:$WAIT in
      host:* | *:wait) wait_for_lock || { OVER=interrupted; return; } ;;
      *) OVER=locked; return ;;
    esac
  fi
  printf '%s\n' "$HOLDER" >"$LOCKS/$1"
}

wait_for_lock() {
  until flock -w 1 9; do
    [ ! -e "$R/stop" ] || return 1
  done
}

# ── The run.

body() {
  exec 3<&0 </dev/null 5<>"$R/answers"
  sequence=0 worker_user='' changes=0 stale=1 OVER='' wrong='' consent='' prove='' VALUES=''
  DATA=$R/data
  say hello "$RUN"
  receive_data
  if [ -n "$lost" ]; then say finish lost; return; fi
  watch </dev/null >/dev/null 2>&1 3<&- &
  watch_pid=$!
  listen <&3 >/dev/null 2>&1 &
  listen_pid=$!
  steps
  prove
  exec 9>&-
  stop_worker
  kill "$watch_pid" "$listen_pid" 2>/dev/null
  say finish "${OVER:-${wrong:-done}}"
}

prepare() {
  if [ "$ME" = root ]; then
    STATE=${TASKS_STATE:-/var/lib/tasks} RUNS=${TASKS_RUN:-/run/tasks}
  else
    STATE=${TASKS_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/tasks} RUNS=${TASKS_RUN:-${XDG_RUNTIME_DIR:-/dev/shm}/tasks-$ME}
  fi
  R=$RUNS/$RUN STORE=$STATE/store OWED=$STATE/owed LOCKS=$RUNS/locks JOURNAL=$RUNS/$RUN/journal
  umask 077
  mkdir -p "$LOCKS" && chmod 711 "$RUNS" && mkdir -m 711 "$R" "$R/data" && mkdir "$R/now" || return 1
  mkfifo "$R/answers" "$R/stream"
  printf 'idle 0\n' >"$R/now/step"
  printf '%s\n' "$$" >"$R/pid"
  clear_dead_runs
  [ "$MODE" != dry-run ] || return 0
  mkdir -p "$STATE/runs" "$OWED" "$STORE" && chmod 711 "$STATE" "$STORE" && mkdir "$STATE/runs/$RUN" || return 1
  JOURNAL=$STATE/runs/$RUN/journal
}

# A run that was killed left its folder, perhaps with secrets in it.
clear_dead_runs() {
  for folder in "$RUNS"/*/; do
    read -r pid 2>/dev/null <"$folder/pid" || continue
    kill -0 "$pid" 2>/dev/null || rm -rf "$folder"
  done
}

receive_secrets() {
  while IFS=' ' read -r id length; do
    take_bytes "$length" "$R/data/$id"
  done
}

# What a step leaves running may hold the stream open for ever: the run is over when its last frame is in the journal.
journaled() {
  (
    trap '' PIPE
    exec tee "$JOURNAL" <"$R/stream" 2>/dev/null 3<&- 5<&-
  ) &
  tee_pid=$!
  "$@" >"$R/stream" 2>&1
  until grep -q -F "$LAST_FRAME" "$JOURNAL"; do
    kill -0 "$tee_pid" 2>/dev/null && sleep 0.02 || break
  done
  kill "$tee_pid" 2>/dev/null
}

serve() { # FOLDER where the bootstrap put the head, the program and the secrets
  IFS=' ' read -r MARK RUN MODE WAIT HOLDER <"$1/head"
  trap '' HUP
  prepare || { printf 'cannot make a folder for the run\n' >&2; exit 0; }
  cat "$1/program" >"$R/program"
  chmod 644 "$R/program"
  receive_secrets <"$1/secrets"
  rm -rf "$1"
  LAST_FRAME="$MARK finish "
  journaled body
  [ "$MODE" = dry-run ] || : >"${JOURNAL%/*}/finished"
  rm -rf "$R"
}

# The same by a person: the script holds its own data, and says what it does in words.
by_hand() {
  MODE=${TASKS_MODE:-run} RUN=by-hand-$$ WAIT=wait MARK=''
  HOLDER="$ME $(hostname) - $RUN"
  prepare || { printf 'cannot make a folder for the run\n' >&2; exit 1; }
  cat "$0" >"$R/program"
  chmod 644 "$R/program"
  embedded "$R/data"
  body </dev/null
  rm -rf "$R"
  [ "${OVER:-${wrong:-done}}" = done ]
}
