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
