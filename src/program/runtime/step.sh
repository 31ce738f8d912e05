# ── One step.

step() { # NUMBER USER CHECK_SECONDS APPLY_SECONDS "AFTER" "OWES" "PAYS" "HAS"
  if [ -n "$prove" ]; then recheck "$@"; return; fi
  N=$1 AS=$2 CHECK_SECONDS=$3 APPLY_SECONDS=$4 AFTER=$5 OWES=$6 PAYS=$7 HAS=$8
  rc=0
  [ ! -e "$R/stop" ] || [ -n "$OVER" ] || OVER=interrupted
  [ ! -e "$R/lost" ] || [ "$MODE" != step ] || [ -n "$OVER" ] || OVER=interrupted
  if [ -n "$OVER" ]; then verdict skipped; return 0; fi
  at=$N
  say start "$N" "$clock"
  look
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
    would | after) undecided="$undecided $N" ;;
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

set_value() {
  perform value "$N" "$CHECK_SECONDS"
  if [ "$rc" != 0 ]; then
    printf '%s\n' "$printed"
    verdict unknown
    : "${OVER:=failed}" # what reads the value cannot be asked, in a dry run neither
    return
  fi
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
  waiting=''
  [ "$AFTER" != everything ] || AFTER=$undecided
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
    1) promised || unmet ;;
    *) verdict unknown ;;
  esac
}

# In a dry run, what an earlier step that does the same would do is not announced twice.
promised() {
  [ "$MODE" = dry-run ] || return 1
  case $HAS in *twin:*) ;; *) return 1 ;; esac
  twin=${HAS##*twin:}
  eval "state=\${state_${twin%% *}-}"
  case $state in would | after | promised) ;; *) return 1 ;; esac
  rc=0
  verdict met
  eval "state_$N=promised"
}

is_met() {
  rc=1
  case $HAS in
    *known*) perform known "$N" "$CHECK_SECONDS" ;;
    *check*) perform check "$N" "$CHECK_SECONDS" ;;
    *) [ -z "$PAYS" ] || rc=0 ;;
  esac
  if [ "$rc" = 0 ] && [ -n "$PAYS" ] && is_owed "$PAYS"; then rc=1; fi
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
  for debt in $OWES; do : >"$OWED/$debt~$RUN"; done
  forget_look_before_apply
  perform apply "$N" "$APPLY_SECONDS"
  if [ "$rc" != 0 ]; then changes=$((changes + 1)); verdict failed; return; fi
  [ -z "$PAYS" ] || forget "$PAYS"
  case $HAS in *check*) ;; *) verdict changed; return ;; esac
  look
  is_met
  case $rc in
    0) verdict changed ;;
    1) verdict failed did-not-converge ;;
    *) verdict unknown ;;
  esac
}

is_owed() { # DEBT
  for note in "$OWED/$1" "$OWED/$1~"*; do
    if [ -e "$note" ] && is_ours "${note#"$OWED/$1"}"; then return 0; fi
  done
  return 1
}

forget() { # DEBT
  for note in "$OWED/$1" "$OWED/$1~"*; do
    if [ -e "$note" ] && is_ours "${note#"$OWED/$1"}"; then rm -f "$note"; fi
  done
}

# Runs for two sites work side by side. What another one owes is its own to pay for as long as it lives: its change may be yet to come.
is_ours() { # ~RUN
  case $1 in '' | "~$RUN") return 0 ;; esac
  ! is_alive "${1#?}"
}

# What this run leaves unpaid is anybody's from now on, though its process has not ended yet.
leave_debts() {
  for note in "$OWED"/*~"$RUN"; do
    [ ! -e "$note" ] || mv -f "$note" "${note%"~$RUN"}"
  done
}
