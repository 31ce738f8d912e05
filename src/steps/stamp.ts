import { type Shell, sh } from '../core/sh.ts'

/**
 * Host functions for facts that are dear to establish and cheap to remember: a stamp is a file with one line, the hash of what
 * the fact was made from. Looking at one starts no process.
 */
export const stampFunctions: Shell = sh`
stamped() { # FILE LINE
  [ -f "$1" ] && IFS= read -r stamped_line <"$1" && [ "$stamped_line" = "$2" ]
}
stamp() { # FILE LINE: written beside, flushed, renamed
  mkdir -p -- "\${1%/*}"
  printf '%s\n' "$2" >"$1.new" || { rm -f -- "$1.new"; return 1; }
  sync -- "$1.new" 2>/dev/null || sync
  mv -f -- "$1.new" "$1"
}`
