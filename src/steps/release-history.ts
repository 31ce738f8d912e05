import { sh } from '../core/sh.ts'

/** Host functions that read which releases a site has had, and what became of them. They use `unitFunctions`. */
export const historyFunctions = sh`
release_numbers() { # SITE_FOLDER: newest first
  numbers='' digits='[1-9]'
  # Names of one length are in the order of their numbers.
  while [ "\${#digits}" -lt 50 ]; do
    for place in "$1"/releases/$digits; do [ ! -e "$place" ] || numbers="\${place##*/} $numbers"; done
    digits="$digits[0-9]"
  done
  printf '%s\n' $numbers
}
is_good() { # RELEASE
  [ -e "$1/.done/switched" ] && ! [ -e "$1/.bad" ]
}
is_kind() { # KIND RELEASE
  [ -f "$2/release.json" ] && IFS= read -r story <"$2/release.json" || return 1
  case $story in *"\"kind\":\"$1\""*) ;; *) return 1 ;; esac
}
find_origin() { # SITE_FOLDER NUMBER: leaves in origin the release that it is a copy of, or itself
  [ -f "$1/releases/$2/.done/origin" ] && IFS= read -r origin <"$1/releases/$2/.done/origin" || origin=$2
}
origin_of() { # the same, printed
  find_origin "$@"
  printf %s "$origin"
}
older_runs() { # UNIT_PREFIX NUMBER: an instance of an older release runs, or would start at boot
  for instance in $(site_instances "$1"); do
    [ "$instance" -ge "$2" ] || return 0
  done
  return 1
}
is_unfinished() { # RELEASE: neither served nor found bad
  ! [ -e "$1/.bad" ] && ! [ -e "$1/.done/switched" ]
}
copy_number() ( # SITE_FOLDER NUMBER TEST FROM: of what is newer than that number an unfinished copy for which TEST SITE_FOLDER FROM NUMBER holds, or the next one
  highest=0
  for n in $(release_numbers "$1"); do
    [ "$highest" -gt 0 ] || highest=$n
    [ "$n" -gt "$2" ] || break
    if is_unfinished "$1/releases/$n" && "$3" "$1" "$4" "$n"; then
      printf %s "$n"
      exit 0
    fi
  done
  printf %s "$((highest + 1))"
)
story_of() { # SITE_FOLDER NUMBER OTHER
  cat -- "$1/releases/$2/release.json" 2>/dev/null || cat -- "$1/releases/$3/release.json" 2>/dev/null || :
}`
