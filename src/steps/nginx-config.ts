import type { Content } from '../core/data.ts'
import { type HostValue, rawShell, type Shell, sh } from '../core/sh.ts'
import { type Explanation, followUp, type Said, type Step, step } from '../core/step.ts'
import { contentOf, fileFunctions, filePreview, hasContent, placed } from './file.ts'
import { besideName, linkIs, statWords } from './path.ts'
import { linkPut } from './symlink.ts'

export const nginxReload = followUp('nginx-reload')

interface ConfigOptions {
  readonly name: string
  readonly title: string
  /** What cannot be done when nginx refuses it, in the words of a message. */
  readonly deed?: string | undefined
  readonly path: string
  readonly content: Content
  readonly fill?: readonly HostValue[] | undefined
  /** What stands in the file on a host that has no IPv6. */
  readonly contentWithoutIPv6?: Content | undefined
  /** A link to the file, which is what nginx reads. */
  readonly link?: string | undefined
  /** Goes on where nginx refuses another file, that it refused before: a later step may be the one that repairs it. */
  readonly isLenient?: boolean | undefined
  readonly after?: readonly Step[] | undefined
}

const owned = { mode: '0644', owner: 'root', group: 'root' }

/**
 * A file of nginx's configuration that counts only once `nginx -t` took it: else all is put back as it was.
 *
 * The check compares file and link, and looks for what a killed run left untested. Where nginx is not installed yet, its own
 * start is the test. Owes nginx a reload.
 */
export function nginxConfig(options: ConfigOptions): Step {
  const { name, title, deed = 'set up nginx', path, link = path, after = [] } = options
  const backups = link === path ? [path, old(path)] : [path, old(path), link, old(link)]
  return step({
    name,
    title,
    check: sh`
      nginx_is_settled ${backups} || exit 1
      file_is ${path} ${statWords(owned)} || exit 1
      ${link === path ? rawShell(':') : sh`link_is ${link} ${path} || exit 1`}
      ${byIPv6(options, (content) => hasContent({ ...options, content }))}`,
    apply: sh`
      mkdir -p -- ${folder(path)} ${folder(link)}
      complaint=$(nginx_complaint)
      nginx_remember ${backups}
      ${placed(path, { write: written(options), owned })}
      ${link === path ? rawShell(':') : sh`link_put ${link} ${path} ${besideName(link, 'new')}`}
      if nginx_accepts "$complaint" ${options.isLenient ? 'lenient' : 'strict'} ${path} ${link}; then
        nginx_forget ${backups}
      else
        nginx_put_back ${backups}
        exit 1
      fi`,
    preview: sh`
      ${filePreview(path, { content: options.content, written: written(options), owned })}
      ${link === path ? rawShell(':') : sh`link_is ${link} ${path} || link_preview ${link} ${path}`}`,
    uses: [...fileFunctions, linkIs, linkPut, nginxFunctions],
    data: options.contentWithoutIPv6 === undefined ? [options.content] : [options.content, options.contentWithoutIPv6],
    owes: [nginxReload],
    after,
    tell: ({ output }) => conflicts(output),
    explain: (said) => explainNginx(said, deed),
  })
}

/** Finds in what nginx said which line of which file it refuses, and what helps. */
export function explainNginx({ output }: Pick<Said, 'output'>, what: string): Explanation | undefined {
  const port = /bind\(\) to \S+?:(\d+) failed \(98/.exec(output)
  if (port) {
    const holder = /users:\(\("([^"]+)"/.exec(output)?.[1]
    const who = holder === undefined ? 'another program' : `"${holder}"`
    return {
      message: `Cannot ${what}, because ${who} already listens on port ${port[1]}.`,
      hint: `stop it for good: systemctl disable --now ${holder ?? 'ITS-UNIT'}`,
    }
  }
  if (/is masked/.test(output)) {
    return {
      message: `Cannot ${what}, because somebody masked nginx.service on the host.`,
      hint: 'if nobody needs that any more: systemctl unmask nginx.service',
    }
  }
  const refused = /\[emerg\] (?:\d+#\d+: )?(.*?)(?: in (\/\S+):(\d+))?$/m.exec(output)
  if (!refused) {
    return output.includes('is not a symbolic link')
      ? {
          message: `Cannot ${what}, because a file stands where nginx's link must be.`,
          hint: 'look at it, and move it to /etc/nginx/sites-available',
        }
      : undefined
  }
  const [, complaint, path, line] = refused
  return {
    message: `Cannot ${what}, because nginx refuses its configuration${path === undefined ? '' : ` at ${path}:${line}`}: ${complaint}.`,
    hint: path === undefined ? 'see it on the host: nginx -t' : `correct ${path}, then see: nginx -t`,
  }
}

function conflicts(output: string) {
  return [...output.matchAll(/\[warn\] (?:\d+#\d+: )?conflicting server name "([^"]+)"/g)].map(([, server]) => ({
    kind: 'warning' as const,
    message: `Another site of nginx already answers for "${server}".`,
    hint: `find it: grep -rn "${server}" /etc/nginx`,
  }))
}

function byIPv6({ content, contentWithoutIPv6 }: ConfigOptions, text: (content: Content) => Shell): Shell {
  if (contentWithoutIPv6 === undefined) return text(content)
  return sh`if [ -e /proc/net/if_inet6 ]; then ${text(content)}; else ${text(contentWithoutIPv6)}; fi`
}

function written(options: ConfigOptions): Shell {
  return sh`{ ${byIPv6(options, (content) => contentOf({ ...options, content }))}; }`
}

function old(path: string): string {
  return `${folder(path)}/${besideName(path, 'old')}`
}

function folder(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

// What was there before is kept beside until nginx has taken what is new: a run that dies in between is undone or finished by the next.
const nginxFunctions = sh`
  nginx_is_settled() { # [PATH BACKUP]…
    while [ $# -gt 0 ]; do
      if [ -e "$2" ] || [ -L "$2" ]; then return 1; fi
      shift 2
    done
  }

  nginx_remember() {
    while [ $# -gt 0 ]; do
      if nginx_is_settled "$1" "$2"; then
        if [ -e "$1" ] || [ -L "$1" ]; then
          cp -a -- "$1" "$2.part"
          mv -fT -- "$2.part" "$2"
        else
          ln -s /dev/null "$2"
        fi
      fi
      shift 2
    done
  }

  nginx_put_back() {
    while [ $# -gt 0 ]; do
      if [ "$(readlink -- "$2")" = /dev/null ]; then rm -f -- "$1" "$2"; else mv -fT -- "$2" "$1"; fi
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
