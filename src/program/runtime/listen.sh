# ── What the client says while steps run: stop after this step, end it now, or an answer in step mode.

listen() {
  while IFS= read -r line; do
    case $line in
      stop) : >"$R/stop" ;;
      kill) : >"$R/stop"; : >"$R/killed" ;;
      answer\ *) printf '%s\n' "${line#answer }" >&5 ;;
    esac
  done
  : >"$R/lost"
  [ "$MODE" != step ] || printf 'lost\n' >&5
}
