# ── After any change, every check once more: "converged" is proved, not hoped.

prove() {
  [ -z "$OVER" ] && [ "$changes" -gt 0 ] || return 0
  forget_looks
  say pass
  prove=1
  steps
}

recheck() {
  N=$1 AS=$2 CHECK_SECONDS=$3 PAYS=$7 HAS=$8
  eval "state=\${state_$N-}"
  case $state in met | changed) ;; *) return 0 ;; esac
  case $HAS in *check*) ;; *) return 0 ;; esac
  look
  is_met
  if [ "$rc" != 0 ]; then OVER=failed at=$N; say unproved "$N" "$rc"; fi
}
