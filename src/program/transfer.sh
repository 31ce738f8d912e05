# ── A transfer: what comes is written beside its target and takes its place when it is whole; what is asked for goes out with its checksum.

serve() {
  R=$1
  IFS=' ' read -r MARK _ <"$R/head"
  umask 077
  case $AS in
    '' | root) perform "$R" ;;
    *) perform_as "$AS" ;;
  esac
}

# The other user cannot read what is this one's, so the program is laid down once more.
perform_as() { # USER
  find_account "$1" || { rm -f -- "$R/program"; refuse user; return; }
  theirs=$(mktemp -d -p /dev/shm tasks.XXXXXXXX 2>/dev/null || mktemp -d) || exit 97
  trap 'rm -rf -- "$theirs"' EXIT
  trap 'exit 98' HUP INT PIPE TERM
  cp -- "$R/program" "$R/head" "$theirs"
  chown -R -- "$1" "$theirs"
  rm -f -- "$R/program"
  (as_user "$1" "$theirs/program" perform "$theirs")
}

perform() {
  R=$1 work=
  IFS=' ' read -r MARK _ <"$R/head"
  # Whoever sent it takes it for done once its program is gone.
  rm -f -- "$R/program"
  umask 077
  unset TAR_OPTIONS
  trap clear_up EXIT
  trap 'exit 98' HUP INT PIPE TERM
  : >"$R/said"
  [ -d "$PARENT" ] || { refuse parent; return; }
  cd -P -- "$PARENT" 2>"$R/said" || { refuse parent_shut; return; }
  case $VERB in put) put ;; *) get ;; esac
}

# The last word, once nothing is left of it; what a machine said follows, to the end.
refuse() {
  clear_up
  say refused "$1"
  if [ -f "$R/said" ]; then head -c 2000 <"$R/said"; fi
}

clear_up() {
  trap '' HUP INT PIPE TERM
  [ -n "${work-}" ] || return 0
  put_back
  cd .. && remove "./$work"
  work=
}

# A folder that may not be written to cannot be emptied, either.
remove() {
  rm -rf -- "$1" 2>/dev/null || { chmod -R u+rwx -- "$1"; rm -rf -- "$1"; } 2>/dev/null
}

# Two renames are not one: whoever ends between them leaves nothing at the target.
put_back() {
  if is_there old && ! is_there "../$NAME"; then mv -T -- old "../$NAME"; fi
}

is_there() { [ -e "$1" ] || [ -L "$1" ]; }

# ── To the host

put() {
  sweep
  is_free "$NAME" || return 0
  begin || return 0
  [ "$KIND" = file ] || command -v tar >"$R/said" 2>&1 || { refuse tar; return; }
  say ready
  if [ "$KIND" = file ]; then
    receive | summed | cat >new 2>"$R/said" || broken=1
  else
    mkdir new
    receive | summed | unpack 2>"$R/said" || broken=1
  fi
  [ -z "${broken-}" ] || { refuse write; return; }
  is_whole || { refuse incomplete; return; }
  {
    { [ -z "$OWNER" ] || chown -hR -- "$OWNER" new; } || { refuse owner; return; }
    { [ -z "$MODE" ] || chmod -- "$MODE" new; } || { refuse write; return; }
  } 2>"$R/said"
  flush
  # Who has not heard that all is here knows that nothing was changed: this waits for their word.
  say whole
  IFS= read -r word && [ "$word" = go ] || return 0
  is_free "../$NAME" || return 0
  take_place 2>"$R/said" || { refuse place; return; }
  clear_up
  say done
}

# Looked at twice, since somebody else may have come first meanwhile.
is_free() { # PATH of the target
  if [ -L "$1" ]; then [ "$KIND" = file ] || { refuse link; return 1; }
  elif [ -d "$1" ]; then [ "$KIND$REPLACE" = folder1 ] || { refuse folder; return 1; }
  elif [ -e "$1" ]; then
    [ -f "$1" ] || { refuse special; return 1; }
    [ "$KIND" = file ] || { refuse file; return 1; }
  fi
}

# Everything happens in a folder of our own, so nobody who may write around it can put a link in the way.
begin() {
  here=$(pwd -P; echo /)
  here=${here%?/}
  work=$(mktemp -d ./.tasks-put-XXXXXXXXXX 2>"$R/said") || { work=; refuse parent_closed; return 1; }
  work=${work#./}
  cd -P -- "./$work" && now=$(pwd -P; echo /) && [ "${now%?/}" = "${here%/}/$work" ] || { work=; refuse parent_closed; return 1; }
  exec 9<. && flock -n 9 2>/dev/null
  # The shell's own printf does not say that the disk is full.
  printf %s "$NAME" | cat 2>"$R/said" >name || { refuse write; return 1; }
}

# What was killed here before could not clear up. One that nobody holds, and is no newer than that it could yet be taken, is nobody's.
sweep() {
  for left in .tasks-put-??????????; do
    [ -d "$left" ] && [ ! -L "$left" ] && [ -O "$left" ] || continue
    (
      cd -P -- "./$left" && exec 8<. && flock -n 8 && [ -n "$(find . -prune -mmin +1)" ] && [ -f name ] || exit 0
      NAME=$(cat name; echo /)
      NAME=${NAME%/}
      put_back
      cd .. && remove "./$left"
    ) 2>/dev/null
  done
}

# Pieces of told lengths, then what they come to. Without that the client has given up, or is gone.
receive() {
  while IFS=' ' read -r count rest; do
    case $count in
      end) printf '%s\n' "$rest" >"$R/end"; return ;;
      '' | *[!0-9]*) return ;;
    esac
    dd bs="$count" count=1 iflag=fullblock 2>/dev/null || return
  done
}

# Passes on what it reads; its checksum is in `sum`.
summed() {
  mkfifo "$R/pipe"
  sha256sum <"$R/pipe" >"$R/sum" &
  tee "$R/pipe" 2>/dev/null
  wait
}

# The rest of the pipe is what fills tar's last block.
unpack() { tar -x -o -p -f - -C new && cat >/dev/null; }

is_whole() {
  [ -f "$R/end" ] && IFS=' ' read -r size sum <"$R/end" && read -r own _ <"$R/sum" && [ "$own" = "$sum" ] || return 1
  [ "$KIND" = folder ] || [ "$(wc -c <new)" -eq "$size" ]
}

flush() {
  if [ "$KIND" = file ]; then sync -- new 2>/dev/null || :; else sync -f new 2>/dev/null || sync; fi
}

take_place() {
  closed=
  if [ "$KIND" = file ]; then mv -fT -- new "../$NAME"; return; fi
  # A folder that may not be written to cannot be moved, either.
  [ -w new ] || { closed=$(stat -c %a new) && chmod u+w new; }
  if is_there "../$NAME"; then
    mv --exchange -T -- new "../$NAME" 2>/dev/null || { mv -T -- "../$NAME" old && mv -T -- new "../$NAME"; }
  else mv -T -- new "../$NAME"
  fi || return
  [ -z "$closed" ] || chmod -- "$closed" "../$NAME"
}

# ── From the host

get() {
  if [ ! -e "$NAME" ]; then refuse missing
  elif [ -d "$NAME" ]; then send_folder
  elif [ -f "$NAME" ]; then send_file
  else refuse special
  fi
}

send_file() {
  [ -r "$NAME" ] || { refuse closed; return; }
  exec 4<"$NAME"
  before=$(state_of)
  say ready file "$(stat -L -c '%a %s' /proc/self/fd/4)"
  { cat <&4 2>"$R/said" || : >"$R/broken"; } | summed
  if [ -e "$R/broken" ]; then refuse read
  elif [ "$VERB" = get ] && [ "$before" != "$(state_of)" ]; then refuse changed
  else tell_sum
  fi
}

state_of() { stat -L -c '%s %y %z' /proc/self/fd/4; }

send_folder() {
  [ "$VERB" = get ] || { refuse folder; return; }
  command -v tar >"$R/said" 2>&1 || { refuse tar; return; }
  cd -P -- "./$NAME" 2>"$R/said" || { refuse closed; return; }
  case $(tar --version 2>&1) in *GNU*) format=--format=gnu ;; *) format= ;; esac
  say ready folder "$(stat -c %a .) -"
  { tar -c $format -f - . 2>"$R/said" || printf '%s\n' "$?" >"$R/broken"; } | summed
  if [ ! -e "$R/broken" ]; then tell_sum
  elif [ "$(cat "$R/broken")" = 1 ]; then refuse changed
  else refuse read
  fi
}

tell_sum() {
  read -r own _ <"$R/sum"
  say done "$own"
}
