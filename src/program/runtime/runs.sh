# ── Earlier runs, told from what they left: head (who asked for what, from where), plan (a line for each step), journal, and in the end finished.

# Where a run leaves what outlives it, and what does not: root's place, or the user's own.
find_places() {
  ME=root
  is_root || ME=$(id -un)
  if [ "$ME" = root ]; then
    STATE=${TASKS_STATE:-/var/lib/tasks} RUNS=${TASKS_RUN:-/run/tasks}
  else
    STATE=${TASKS_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/tasks} RUNS=${TASKS_RUN:-${XDG_RUNTIME_DIR:-/dev/shm}/tasks-$ME}
  fi
}

# The kernel tells, which takes no process.
is_root() {
  while read -r word uid _; do
    [ "$word" != Uid: ] || break
  done </proc/self/status
  [ "$uid" = 0 ]
}

# The heads of all, newest first by this host's own clock, since a client's may be wrong.
known_heads() (
  cd "$STATE/runs" 2>/dev/null || exit 0
  exec ls -t -- */head 2>/dev/null
)

# RUN: whose it was in run_who, what came of it in run_state, how many steps it changed in run_changed, and where it is or stopped in run_at.
look_at_run() {
  run_folder=$STATE/runs/$1 run_state='' run_changed=0 run_at=0 run_in=after
  IFS=' ' read -r run_mark _ run_mode _ run_who 2>/dev/null <"$run_folder/head" || return 1
  IFS=' ' read -r run_state run_changed run_at 2>/dev/null <"$run_folder/finished" || look_at_journal "$1"
}

# It has not ended, or has said its last word just now.
look_at_journal() {
  if is_alive "$1"; then run_state=running; else run_state=died; fi
  last=$(LC_ALL=C sed -n -e "/^$run_mark end [0-9]* skipped /d" -e "/^$run_mark start /p" -e "/^$run_mark end /p" \
    -e "/^$run_mark finish /p" "$run_folder/journal" 2>/dev/null | tail -n 1)
  set -- ${last#"$run_mark "}
  case ${1-} in
    start) run_at=$2 run_in=in ;;
    end) run_at=$2 ;;
    finish) run_state=$2 run_changed=${3-0} run_at=${4-0} ;;
  esac
}

is_alive() { # RUN
  read -r other_pid 2>/dev/null <"$RUNS/$1/pid" && kill -0 "$other_pid" 2>/dev/null
}

# The place of the run that was looked at, in words: in or after, the step's number, of how many, and its line of the plan.
place_of_run() {
  set -- "$(sed -n -e "${run_at}p" -e '$=' "$run_folder/plan" 2>/dev/null)"
  case $1 in
    *"$NL"*) place="$run_in $run_at ${1##*"$NL"} ${1%%"$NL"*}" ;;
    *) place="after 0 ${1:-0}" ;;
  esac
}

# The run that was looked at, in words.
words_of_run() {
  place_of_run
  run_words="$run_state $run_changed $run_mode $run_who $place"
}

list_runs() { # SITE, or - for all
  for name in $(known_heads); do
    look_at_run "${name%/head}" || continue
    [ "$1" = - ] || [ "$1" = "${run_who##* }" ] || continue
    words_of_run
    printf 'run %s\n' "$run_words"
  done
}
