# ── Grouped look-ups: one process for all packages, one for all units, three for a user's files, and only where a step asks for such.

FILES='' ONLY_KNOWN=''

look() {
  case $HAS in *packages*) [ -n "$knows_packages" ] || look_at_packages ;; esac
  case $HAS in *units*) [ -n "$knows_units" ] || look_at_units ;; esac
  case $HAS:$knows_files in
    *files*:- | *files*:*" $AS "*) ;;
    *files*) knows_files="$knows_files $AS "; perform look files "$CHECK_SECONDS" ;;
  esac
}

# Whoever had a lock before us may have changed anything; so may we, when we prove what we did.
forget_looks() {
  knows_packages='' knows_units='' knows_files=''
  forget_files
}

# An apply too: packages and units are looked up again, while from now on each file is looked at by itself.
forget_look_before_apply() {
  knows_packages='' knows_units='' knows_files=-
  forget_files
}

forget_files() {
  FILES=''
  [ -z "$worker_user" ] || printf 'forget\n' >&6
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
  FILES=$FILES$NL$(in_subshell look files 2>/dev/null)$NL
}

# Each user sees what that user can see: the kind, mode and owner of a path, where a link leads, what is not there; and what is in files.
look_files() {
  set --
  paths=${LOOK_FILES#*"$NL$AS "} folders='' links=''
  for path in ${paths%%"$NL"*}; do
    if [ -L "$path" ]; then links="$links $path"
    elif [ -f "$path" ]; then set -- "$@" "$path"
    elif [ -d "$path" ]; then folders="$folders $path"
    elif [ ! -e "$path" ]; then printf 'absent %s\n' "$path"
    fi
  done
  [ -z "$links" ] || look_links $links
  group=''
  [ "$AS" != root ] || group=' %G'
  [ "$#$folders" = 0 ] || stat -c "%F %a %U$group %n" -- "$@" $folders
  [ $# = 0 ] || hash_files "$@"
}

# What is to be in them is known by its hash, but for secrets.
hash_files() {
  while IFS=' ' read -r kind id _ reader _; do
    [ "$kind $reader" != "secret $AS" ] || set -- "$@" "$DATA/$id"
  done <<END_OF_DATA
$ALL_DATA
END_OF_DATA
  exec sha256sum -- "$@"
}

# A line for each, and one that is always the same behind them: nothing is told where a target has lines itself, or looks like another line.
look_links() {
  targets=$(readlink -- "$@" /proc/self/cwd) told=''
  case $targets in *' '*) return ;; esac
  for path in "$@"; do
    told="${told}link $path ${targets%%"$NL"*}$NL"
    targets=${targets#*"$NL"}
  done
  [ "$targets" != / ] || printf %s "$told"
}

pkg_version() {
  while IFS=' ' read -r package status version; do
    if [ "${package%%:*}" = "$1" ] && [ "$status" = installed ]; then printf %s "$version"; return 0; fi
  done <<END_OF_PACKAGES
$PACKAGES
END_OF_PACKAGES
  return 1
}

pkg_installed() { # PACKAGE …
  for looked_for in "$@"; do
    pkg_version "$looked_for" >/dev/null || return 1
  done
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
