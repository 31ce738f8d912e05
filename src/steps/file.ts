import type { Content, Secret } from '../core/data.ts'
import { fromLookups, type HostValue, rawShell, type Shell, sh, type Word } from '../core/sh.ts'
import { type FollowUp, type Step, step } from '../core/step.ts'
import {
  beside,
  besideName,
  lookedUp,
  type Ownership,
  ownedAs,
  ownershipFor,
  pathIs,
  pathName,
  statWords,
} from './path.ts'

export interface FileOptions extends Ownership {
  readonly path: Word
  readonly content: Content | Secret
  /** Host values that replace `@name@` in the content: `@home@` where `home` is listed. */
  readonly fill?: readonly HostValue[] | undefined
  /** Who writes it; root, unless said. Owns it, unless `owner` says otherwise. */
  readonly as?: string | undefined
  /** A command that refuses a wrong file: given the path of the new one, which lies beside the old one. */
  readonly validate?: ((path: Shell) => Shell) | undefined
  readonly title?: string | undefined
  readonly owes?: readonly FollowUp[] | undefined
  readonly after?: readonly Step[] | undefined
  readonly explain?: Step['explain'] | undefined
}

/**
 * A regular file with exactly these bytes, mode (0644) and owner; nobody ever sees half of it.
 *
 * The check compares bytes, mode and owner. The apply writes beside the path, validates, flushes and renames; a symlink
 * in the file's place is replaced, what it points to is left alone. A secret is never shown, not even as a diff.
 *
 *     file({ path: '/etc/motd', content: content('Be kind.\n') })
 */
export function file(options: FileOptions): Step {
  const { path, content, as = 'root', validate, owes = [], after = [] } = options
  const name = pathName(path)
  const owned = ownershipFor(as, { mode: options.mode ?? '0644', owner: options.owner, group: options.group })
  const check = sh`file_is ${path} ${statWords(owned)} && ${hasContent(options)}`
  return step({
    name: `file ${name}`,
    title: options.title ?? `${name} has its ${content.kind === 'secret' ? 'secret ' : ''}content`,
    as,
    lookups: lookedUp(path),
    check: openIn(options).length === 0 ? fromLookups(check) : check,
    apply: placed(path, { write: contentOf(options), owned: as === 'root' ? owned : { mode: owned.mode }, validate }),
    preview: filePreview(path, { content, written: contentOf(options), owned }),
    uses: fileFunctions,
    data: [content],
    owes,
    after,
    ...(options.explain === undefined ? {} : { explain: options.explain }),
  })
}

interface Placing {
  /** Prints the new file's bytes. */
  readonly write: Shell
  readonly owned: Ownership
  readonly validate?: ((path: Shell) => Shell) | undefined
}

/** Shell text that puts what a command prints at a path: all of it or nothing, with its final mode from the start. */
export function placed(path: Word, { write, owned, validate }: Placing): Shell {
  const fresh = rawShell('"$file_new"')
  return sh`
    file_new=$(beside ${path} ${besideName(path, 'new')})
    trap 'rm -f -- "$file_new"' EXIT
    file_begin "$file_new"
    ${write} >"$file_new"
    ${ownedAs(fresh, owned)}
    ${validate === undefined ? rawShell(':') : validate(fresh)}
    sync -- "$file_new" 2>/dev/null || :
    mv -fT -- "$file_new" ${path}`
}

/** Shell text that prints a file's bytes, host values filled in. */
export function contentOf(options: Pick<FileOptions, 'content' | 'fill'>): Shell {
  const open = openIn(options)
  return open.length === 0
    ? sh`cat -- ${options.content}`
    : sh`filled ${options.content} ${open.flatMap((value) => [value.name, value])}`
}

/** Of the host values that are to be filled in, those for which the content has a place. */
export function openIn({ content, fill = [] }: Pick<FileOptions, 'content' | 'fill'>): readonly HostValue[] {
  return fill.filter(({ name }) => Buffer.from(content.bytes).includes(`@${name}@`))
}

/** Shell text that is true when a file holds just these bytes. */
export function hasContent(options: Pick<FileOptions, 'path' | 'content' | 'fill'>): Shell {
  const { path, content } = options
  return openIn(options).length === 0
    ? sh`content_is ${path} ${content}`
    : sh`${contentOf(options)} | cmp -s -- - ${path}`
}

interface Previewed {
  readonly content: Content | Secret
  readonly written: Shell
  readonly owned: Ownership
}

/** Shell text that prints what would be different: a unified diff, and the change of mode or owner. */
export function filePreview(path: Word, { content, written, owned }: Previewed): Shell {
  const difference =
    content.kind === 'secret'
      ? sh`${written} | cmp -s -- ${path} - || printf '%s\n' 'content differs (secret)'`
      : sh`${written} | file_diff ${path} ${pathName(path)}`
  return sh`
    ${difference}
    stat_diff ${path} ${statWords(owned)}`
}

const functions = sh`
  file_is() {
    path_was file "$@" || { [ -z "$ONLY_KNOWN" ] && [ -f "$1" ] && [ ! -L "$1" ] && path_is "$@"; }
  }

  content_is() { # PATH CONTENT: a content's name is its hash, a secret's was looked up
    case $FILES in
      *"$NL\${2##*/}  $1$NL"*) return 0 ;;
      *"  $2$NL"*)
        content_hash=\${FILES%%"  $2$NL"*}
        case $FILES in *"$NL\${content_hash##*"$NL"}  $1$NL"*) return 0 ;; esac
        ;;
    esac
    [ -z "$ONLY_KNOWN" ] && cmp -s -- "$2" "$1"
  }

  file_begin() { # a fresh file that is nobody else's, whatever a killed run left here
    if [ ! -d "\${1%/*}/" ]; then
      printf 'the folder %s does not exist\n' "\${1%/*}"
      return 1
    fi
    rm -f -- "$1"
    (set -C; umask 077; : >"$1")
  }

  file_diff() { # PATH NAME: against standard input; at most 400 lines
    old=$1
    [ -f "$old" ] || old=/dev/null
    diff -u --label "$2" --label "$2" -- "$old" - | head -n 400
  }

  stat_diff() { # PATH FORMAT EXPECTED
    [ -e "$1" ] && [ -n "$2" ] || return 0
    is=$(stat -c "$2" -- "$1")
    [ "$is" = "$3" ] || printf '%s: %s -> %s\n' "$1" "$is" "$3"
  }`

/** `filled FILE [NAME VALUE]…`: prints the file with each `@NAME@` replaced by its value, byte for byte. */
const filled = sh`
  filled() {
    filled_from=$1
    shift
    filled_count=0
    while [ $# -gt 0 ]; do
      filled_count=$((filled_count + 1))
      export "filled_name_$filled_count=@$1@" "filled_value_$filled_count=$2"
      shift 2
    done
    export filled_count
    awk '{
      for (n = 1; n <= ENVIRON["filled_count"]; n++) {
        name = ENVIRON["filled_name_" n]; value = ENVIRON["filled_value_" n]; done = ""
        while ((at = index($0, name)) > 0) {
          done = done substr($0, 1, at - 1) value
          $0 = substr($0, at + length(name))
        }
        $0 = done $0
      }
      print
    }' "$filled_from"
  }`

/** `contents_are PATH SHA256 …`: regular files with just these contents; one process looks at all. */
export const contentsAre = sh`
  contents_are() (
    wanted='' left=$#
    while [ "$left" -gt 0 ]; do
      [ -f "$1" ] || exit 1
      wanted="$wanted$NL$2  $1"
      set -- "$@" "$1"
      shift 2
      left=$((left - 2))
    done
    [ "$NL$(sha256sum -- "$@")" = "$wanted" ]
  )`

/** What shell text made by `placed`, `contentOf` and `filePreview` calls. */
export const fileFunctions: readonly Shell[] = [pathIs, beside, functions, filled]
