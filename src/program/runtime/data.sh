# ── Data: contents stay on the host by their hash; secrets came with the program; streams are asked for when they are needed.

data() { # content|secret|stream ID LENGTH OWNER [NUMBER]
  ALL_DATA="$ALL_DATA$1 $2 $3 $4 ${5-0}$NL"
}

receive_data() {
  wanted='' lost=''
  while IFS=' ' read -r kind id length owner number; do
    [ ! -e "$DATA/$id" ] || continue
    case $kind in
      content) [ -f "$STORE/$id" ] || wanted="$wanted content:$id:" ;;
      stream) ! leaves_traces || ask_stream ;;
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
  [ -z "$worker_user" ] || give_data "$worker_user"
}

ask_stream() {
  AS=$owner
  if find_account "$AS"; then perform question "$number" 60; else rc=1 printed=; fi
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
  ! leaves_traces || mv "$DATA/$id" "$STORE/$id"
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
    [ "$kind" != content ] || [ -e "$DATA/$id" ] || [ ! -f "$STORE/$id" ] || links="$links $STORE/$id"
  done <<END_OF_DATA
$ALL_DATA
END_OF_DATA
  [ -z "$links" ] || ln -s $links "$DATA/"
}

# Secrets and streams belong to the one user whose steps read them.
give_data() {
  while IFS=' ' read -r given_kind given_id _ given_to _; do
    [ "$given_kind" = content ] || [ "$given_to" != "$1" ] || [ ! -e "$DATA/$given_id" ] || chown "$1" "$DATA/$given_id"
  done <<END_OF_DATA
$ALL_DATA
END_OF_DATA
}
