import { TasksError } from '../core/errors.ts'
import { sh, type Word } from '../core/sh.ts'
import { type FollowUp, type Step, step } from '../core/step.ts'
import { fileFunctions } from './file.ts'
import { besideName, pathName } from './path.ts'

interface LineOptions {
  readonly path: Word
  readonly line: string
  /** An extended regular expression: lines that match it and are not `line` are replaced by it. */
  readonly match?: string | undefined
  readonly as?: string | undefined
  readonly owes?: readonly FollowUp[] | undefined
  readonly after?: readonly Step[] | undefined
}

/**
 * A file that has this line, once where `match` is given, and in place of every line that matches.
 *
 * The check reads the file. The apply replaces what matches or else appends; mode and owner of the file stay.
 *
 *     lineInFile({ path: '/etc/ssh/sshd_config', line: 'X11Forwarding no', match: '^#?X11Forwarding ' })
 */
export function lineInFile({ path, line, match, as = 'root', owes = [], after = [] }: LineOptions): Step {
  const name = pathName(path)
  if (/[\n\0]/.test(line)) {
    throw new TasksError({
      code: 'config',
      message: `Cannot put a line into "${name}", because it has a line break or NUL in it.`,
    })
  }
  return step({
    name: `line in ${name}: ${match ?? line}`,
    title: `${name} has the line ${line}`,
    as,
    check: sh`line_is_in ${path} ${line} ${match ?? ''}`,
    apply: sh`line_write ${path} ${besideName(path, 'new')} ${line} ${match ?? ''}`,
    preview: sh`line_put ${path} ${line} ${match ?? ''} | file_diff ${path} ${name}`,
    uses: [...fileFunctions, lineFunctions],
    owes,
    after,
  })
}

const lineFunctions = sh`
  line_is_in() { # PATH LINE MATCH
    [ -f "$1" ] && line_scan check "$@" >/dev/null
  }

  line_write() { # PATH NAME-BESIDE LINE MATCH: the file that a link leads to is changed, the link stays
    line_target=$(readlink -f -- "$1")
    file_new=$(beside "$line_target" "$2")
    trap 'rm -f -- "$file_new"' EXIT
    file_begin "$file_new"
    line_put "$1" "$3" "$4" >"$file_new"
    if [ -e "$1" ]; then
      [ "$(id -u)" -ne 0 ] || chown "$(stat -L -c %u:%g -- "$1")" "$file_new"
      chmod "$(stat -L -c %a -- "$1")" "$file_new"
    else
      chmod 644 "$file_new"
    fi
    sync -- "$file_new" 2>/dev/null || :
    mv -fT -- "$file_new" "$line_target"
  }

  line_put() {
    line_scan put "$@"
  }

  line_scan() ( # an absent file is an empty one; awk reads the words from the environment, where nothing is unescaped
    export line_mode="$1" line_text="$3" line_match="$4"
    [ -e "$2" ] || set -- "$1" /dev/null
    awk '
      BEGIN { text = ENVIRON["line_text"]; match_it = ENVIRON["line_match"] }
      $0 == text { if (found && match_it != "") { wrong = 1; next } found = 1; print; next }
      match_it != "" && $0 ~ match_it { wrong = 1; if (!found) { found = 1; replaced = 1; print text } next }
      { print }
      END {
        if (!found) print text
        if (ENVIRON["line_mode"] == "check") exit (found && !wrong) ? 0 : 1
      }' "$2"
  )`
