# ── The one process that ends what hangs. The step's own line in now/step changes with every fragment.

watch() {
  last='' seconds=0
  while sleep 1 && kill -0 "$$" 2>/dev/null; do
    IFS=' ' read -r current limit <"$R/now/step" || continue
    if [ -e "$R/killed" ] && [ "$current" != idle ]; then end_fragment; continue; fi
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
