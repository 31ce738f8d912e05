import { sh } from '../core/sh.ts'

/**
 * Host functions that try a change of nginx's configuration: what was there before is kept beside until nginx has taken what is new. One run
 * at a time, since `nginx -t` reads the files of all sites, and a reload takes whatever is there.
 */
export const nginxTrial = sh`
  nginx_alone() { # for the rest of the fragment; undoes what a run that died was trying
    nginx_locks=\${LOCKS:-/run/tasks/locks}
    mkdir -p -- "$nginx_locks"
    exec 8>>"$nginx_locks/nginx"
    flock -w 120 8 || { printf 'another run is still trying its configuration\n'; return 1; }
    for nginx_kept in /etc/nginx/*/.tasks-*.old; do
      if nginx_is_kept "$nginx_kept"; then nginx_undo "$nginx_kept"; fi
    done
  }

  nginx_is_kept() {
    [ -e "$1" ] || [ -L "$1" ]
  }

  nginx_undo() { # BACKUP: whose it is, its name tells by a hash alone
    for nginx_path in "\${1%/*}"/*; do
      nginx_hash=$(printf %s "$nginx_path" | sha256sum)
      case $1 in */.tasks-"\${nginx_hash%"\${nginx_hash#????????????}"}".old) nginx_put_back "$nginx_path" "$1" ;; esac
    done
    [ "$(readlink -- "$1")" != /dev/null ] || rm -f -- "$1"
  }

  nginx_is_settled() { # [PATH BACKUP]…
    while [ $# -gt 0 ]; do
      if nginx_is_kept "$2"; then return 1; fi
      shift 2
    done
  }

  nginx_remember() {
    while [ $# -gt 0 ]; do
      if [ -e "$1" ] || [ -L "$1" ]; then
        cp -a -- "$1" "$2.part"
        mv -fT -- "$2.part" "$2"
      else
        ln -s /dev/null "$2"
      fi
      shift 2
    done
  }

  nginx_put_back() {
    while [ $# -gt 0 ]; do
      if ! nginx_is_kept "$2"; then :
      elif [ "$(readlink -- "$2")" = /dev/null ]; then rm -f -- "$1" "$2"
      else mv -fT -- "$2" "$1"; fi
      shift 2
    done
  }

  nginx_forget() {
    while [ $# -gt 0 ]; do
      rm -f -- "$2"
      shift 2
    done
  }

  nginx_complaint() { # prints why nginx refuses its configuration; nothing where it is content or not installed
    command -v nginx >/dev/null || return 0
    if nginx_said=$(nginx -t -q 2>&1); then return 0; fi
    printf '%s\n' "$nginx_said"
  }

  nginx_accepts() { # COMPLAINT-BEFORE strict|lenient PATH LINK
    command -v nginx >/dev/null || return 0
    if nginx_said=$(nginx -t -q 2>&1); then printf '%s\n' "$nginx_said"; return 0; fi
    printf '%s\n' "$nginx_said"
    case $nginx_said in *" in $3:"* | *" in $4:"*) return 1 ;; esac
    case $1 in
      '') return 1 ;;
      *" in $3:"* | *" in $4:"*) return 0 ;; # what was wrong with this file is right now; another is wrong as well
    esac
    [ "$2" = lenient ]
  }`
