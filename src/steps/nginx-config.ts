import type { Content } from '../core/data.ts'
import { type HostValue, rawShell, type Shell, sh } from '../core/sh.ts'
import { type Explanation, followUp, type Said, type Step, step } from '../core/step.ts'
import { contentOf, fileFunctions, filePreview, hasContent, placed } from './file.ts'
import { explainNginx, nameConflicts } from './nginx-failure.ts'
import { nginxTrial } from './nginx-trial.ts'
import { besideName, linkIs, lookedUp, statWords } from './path.ts'
import { linkPut } from './symlink.ts'

export const nginxReload = followUp('nginx-reload')

export interface NginxConfig {
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
export function nginxConfig(config: NginxConfig): Step {
  const { name, title, path, link = path, content, contentWithoutIPv6, after = [] } = config
  return step({
    name,
    title,
    lookups: lookedUp(path),
    check: isInPlace(config),
    apply: sh`
      ${putToTheTest(config)}
      trap - EXIT
      nginx_forget ${keptBeside(config)}`,
    preview: sh`
      ${filePreview(path, { content, written: written(config), owned })}
      ${link === path ? rawShell(':') : sh`link_is ${link} ${path} || link_preview ${link} ${path}`}`,
    uses: functions,
    data: contentWithoutIPv6 === undefined ? [content] : [content, contentWithoutIPv6],
    owes: [nginxReload],
    after,
    tell: ({ output }) => nameConflicts(output),
    explain: (said) => explained(said, config),
  })
}

/**
 * nginx would take this configuration: asked early, so that what it refuses stops a run before it has changed what visitors see.
 *
 * Met where the configuration is in place already. The apply tries it, and puts back what was there, whatever nginx says.
 */
export function nginxTried(config: NginxConfig): Step {
  const { name, title, content, contentWithoutIPv6, after = [] } = config
  const tried = sh`"$DATA"/${`${name.replaceAll(/[^\w.-]/g, '-')}.tried`}`
  return step({
    name,
    title,
    lookups: lookedUp(config.path),
    check: sh`[ -e ${tried} ] || { ${isInPlace(config)}; }`,
    apply: sh`
      ${putToTheTest(config)}
      : >${tried}`,
    uses: functions,
    data: contentWithoutIPv6 === undefined ? [content] : [content, contentWithoutIPv6],
    after,
    explain: (said) => explained(said, config),
  })
}

const functions = [...fileFunctions, linkIs, linkPut, nginxTrial]

function isInPlace(config: NginxConfig): Shell {
  const { path, link = path } = config
  return sh`
    nginx_is_settled ${keptBeside(config)} && file_is ${path} ${statWords(owned)} || exit 1
    ${link === path ? rawShell(':') : sh`link_is ${link} ${path} || exit 1`}
    ${byIPv6(config, (content) => hasContent({ ...config, content }))}`
}

/** Until the trap is taken away, whatever ends the fragment puts back what was there. */
function putToTheTest(config: NginxConfig): Shell {
  const { path, link = path, isLenient } = config
  return sh`
    nginx_undo_all() { nginx_put_back ${keptBeside(config)}; }
    nginx_alone
    mkdir -p -- ${folder(path)} ${folder(link)}
    complaint=$(nginx_complaint)
    trap nginx_undo_all EXIT
    nginx_remember ${keptBeside(config)}
    (
      ${placed(path, { write: written(config), owned })}
    )
    ${link === path ? rawShell(':') : sh`link_put ${link} ${path} ${besideName(link, 'new')}`}
    nginx_accepts "$complaint" ${isLenient ? 'lenient' : 'strict'} ${path} ${link}`
}

function explained(said: Said, { deed = 'set up nginx', path, link = path }: NginxConfig): Explanation | undefined {
  return explainNginx(said, { deed, files: [path, link] })
}

function byIPv6({ content, contentWithoutIPv6 }: NginxConfig, text: (content: Content) => Shell): Shell {
  if (contentWithoutIPv6 === undefined) return text(content)
  return sh`if [ -e /proc/net/if_inet6 ]; then ${text(content)}; else ${text(contentWithoutIPv6)}; fi`
}

function written(config: NginxConfig): Shell {
  return sh`{ ${byIPv6(config, (content) => contentOf({ ...config, content }))}; }`
}

/** Each path with the name that what was there before has until nginx has taken what is new. */
function keptBeside({ path, link = path }: NginxConfig): readonly string[] {
  return [...new Set([path, link])].flatMap((each) => [each, `${folder(each)}/${besideName(each, 'old')}`])
}

function folder(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}
