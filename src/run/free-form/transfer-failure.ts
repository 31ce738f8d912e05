import { TasksError } from '../../core/errors.ts'
import type { Refusal } from './transfer-exchange.ts'

interface About {
  /** `Cannot put "dist" to "/srv/app" on "web1"` */
  readonly cannot: string
  readonly host: string
  /** The path on the host, and its folder. */
  readonly path: string
  readonly parent: string
  readonly user: string
  readonly mask: (text: string) => string
}

/** The connection was lost after all was sent: the host may have gone on to the end, or not. */
export class UnknownOutcome extends TasksError {}

/** Why a host does not do a transfer: told from its word for it, and from what a machine said. The target is as it was. */
export function refusalError({ why, words }: Refusal, about: About): TasksError {
  const { cannot, mask } = about
  const { because, hint } = reasonOf(why, words, about)
  const output = mask(words)
  return new TasksError({ code: 'failed', message: `${cannot}, because ${because}.`, hint, ...(output && { output }) })
}

/** The connection was lost before the host could have done anything with what it had. */
export function lostError(because: string, { cannot }: Pick<About, 'cannot'>): TasksError {
  return new TasksError({
    code: 'unreachable',
    message: `${cannot}, because the connection was lost on the way: ${because}. Nothing was changed.`,
    hint: 'run it again',
  })
}

export function unknownError(
  because: string,
  { told, path }: { readonly told: string; readonly path: string },
): TasksError {
  return new UnknownOutcome({
    code: 'unreachable',
    message: `Nobody knows whether ${told} is there, because the connection was lost before the host said so: ${because}.`,
    hint: `look, or run it again: ${JSON.stringify(path)} is either new and whole, or as it was`,
  })
}

interface Reason {
  readonly because: string
  readonly hint?: string
}

function reasonOf(why: string, words: string, about: About): Reason {
  const special = signs.find(({ sign }) => sign.test(words))
  if (special && why !== 'closed') return special.reason
  const path = JSON.stringify(about.path)
  const parent = JSON.stringify(about.parent)
  switch (why) {
    case 'user':
      return { because: `that host has no user ${JSON.stringify(about.user)}` }
    case 'parent':
      return { because: `the folder ${parent} does not exist there`, hint: 'make it first: mkdir -p' }
    case 'parent_shut':
      return { because: `${about.user} may not enter ${parent}`, hint: "do it as one who may: as: 'root'" }
    case 'parent_closed':
      return {
        because: `${about.user} may not write in ${parent}`,
        hint: "write as one who may: as: 'root'",
      }
    case 'missing':
      return { because: `${path} does not exist there` }
    case 'closed':
    case 'read':
      return {
        because: `${about.user} may not read ${why === 'read' ? 'all of ' : ''}${path}`,
        hint: "read as one who may: as: 'root'",
      }
    case 'folder':
      return {
        because: `${path} is a folder there`,
        hint: 'to have one folder take the place of another: replace: true; to have a file in it, name the file',
      }
    case 'file':
      return { because: `${path} is a file there`, hint: 'take it away first' }
    case 'link':
      return {
        because: `${path} is a symbolic link there`,
        hint: 'name the folder that it leads to, or take it away first',
      }
    case 'special':
      return { because: `${path} is neither a file nor a folder there` }
    case 'tar':
      return { because: 'that host has no tar', hint: 'on the host: apt install tar' }
    case 'changed':
      return {
        because: 'it changed while it was read',
        hint: 'wait until nobody writes to it, or copy it on the host first',
      }
    case 'incomplete':
      return { because: 'not all of it arrived as it was sent', hint: 'run it again' }
    case 'owner':
      return { because: `${about.user} may not make it somebody else's`, hint: "write as one who may: as: 'root'" }
    case 'place':
      return { because: `what was written cannot take the place of ${path}` }
    default:
      return { because: 'it cannot be written there' }
  }
}

const signs: readonly { readonly sign: RegExp; readonly reason: Reason }[] = [
  {
    sign: /No space left on device/,
    reason: { because: 'the disk is full there', hint: 'run on the host: df -h; df -i' },
  },
  {
    sign: /Disk quota exceeded/,
    reason: { because: "its user's disk quota is used up there", hint: 'run on the host: quota' },
  },
  {
    sign: /Read-only file system/,
    reason: { because: 'the file system is read-only there', hint: 'run on the host: findmnt -O ro' },
  },
  {
    sign: /invalid user|invalid group|unknown user/,
    reason: { because: 'that host does not know the owner that it is to have' },
  },
]
