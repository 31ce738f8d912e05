# ── Grouped look-ups: one process for all packages, one for all units, two for all files, and only where a step asks for such.

FILES=''

look() {
  case $HAS in *packages*) [ -n "$knows_packages" ] || look_at_packages ;; esac
  case $HAS in *units*) [ -n "$knows_units" ] || look_at_units ;; esac
  case $HAS in *files*) [ -n "$knows_files" ] || look_at_files ;; esac
}

# Whoever had a lock before us may have changed anything; so may we, when we prove what we did.
forget_looks() {
  knows_packages='' knows_units='' knows_files='' FILES=''
}

# An apply too: packages and units are looked up again, while from now on each file is looked at by itself.
forget_look_before_apply() {
  knows_packages='' knows_units='' knows_files=1 FILES=''
}

look_at_packages() {
  knows_packages=1
  PACKAGES=$(dpkg-query -W -f '${binary:Package} ${db:Status-Status} ${Version}\n' $LOOK_PACKAGES 2>/dev/null)
}

look_at_units() {
  knows_units=1
  UNITS=$(set -f && exec systemctl show --no-pager -p Names,ActiveState,SubState,UnitFileState,LoadState,NeedDaemonReload,FragmentPath,MainPID,ActiveEnterTimestampMonotonic,Listen -- $LOOK_UNITS 2>/dev/null)
}

# It only spares a look that would say yes. What hangs is ended, as a check is.
look_at_files() {
  knows_files=1
  begin_watch "$CHECK_SECONDS"
  FILES=$NL$(in_subshell look files 2>/dev/null)$NL
  end_watch
}

look_files() {
  set --
  for path in $LOOK_FILES; do
    if [ -f "$path" ] && [ ! -L "$path" ]; then set -- "$@" "$path"; fi
  done
  [ $# = 0 ] || { stat -c '%a %U %G %n' -- "$@"; exec sha256sum -- "$@"; }
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

# Leaves the value in `looked`: lines where there are several, nothing where there is none.
look_up() { # UNIT PROPERTY
  looked='' unit_rest=$UNITS
  while next_unit; do
    unit_names=${unit_block##*"${NL}Names="}
    case " ${unit_names%%"$NL"*} " in *" $1 "* | *" $1.service "*) values_of "$2"; return ;; esac
  done
}

# Of what `systemctl show` said: in `unit_block` the lines of one unit, a newline before each; in `unit_rest` what is left.
next_unit() {
  [ -n "$unit_rest" ] || return 1
  unit_block=$NL${unit_rest%%"$NL$NL"*}
  unit_rest=${unit_rest#"${unit_block#"$NL"}"}
  unit_rest=${unit_rest#"$NL$NL"}
}

values_of() { # PROPERTY
  while case $unit_block in *"$NL$1="*) ;; *) false ;; esac; do
    unit_block=${unit_block#*"$NL$1="}
    looked=$looked${looked:+"$NL"}${unit_block%%"$NL"*}
    unit_block=$NL${unit_block#*"$NL"}
  done
}

unit_get() { # UNIT PROPERTY
  look_up "$@"
  printf %s "$looked"
}

unit_is() { # UNIT PROPERTY VALUE
  look_up "$1" "$2"
  [ "$looked" = "$3" ]
}

units_in() { # STATE …: names of those that were looked up and are in one of these states
  unit_rest=$UNITS
  while next_unit; do
    unit_names=${unit_block##*"${NL}Names="} unit_state=${unit_block##*"${NL}ActiveState="}
    case " $* " in *" ${unit_state%%"$NL"*} "*) printf '%s\n' "${unit_names%%"$NL"*}" ;; esac
  done
}
