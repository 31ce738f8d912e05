import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'

/** Why a text cannot be what it should be, in words that follow "because"; nothing when it can. */
export type Problem = string | undefined

/**
 * Characters that a site's name may have. A unix socket's path ends after 107 bytes, and the longest one that holds the name is
 * `/var/lib/tasks/sockets/NAME.sock`.
 */
export const longestSiteName = 107 - '/var/lib/tasks/sockets/.sock'.length

/** The name as DNS knows it: lower case, international letters as punycode. Only for names that have no problem. */
export function normalSiteName(text: string): string {
  return isAscii(text) ? text.toLowerCase() : domainToASCII(text)
}

/** Sites are named by domain: the name becomes a folder, a unit, a socket and what nginx listens for. */
export function siteNameProblem(text: string): Problem {
  if (isAddress(text)) return 'it is an address, and a site is named by its domain'
  const problem = domainProblem(text)
  if (problem !== undefined) return problem
  const { length } = normalSiteName(text)
  if (length > longestSiteName) {
    return `it is ${length} characters long, and the path of its unix socket leaves room for ${longestSiteName}`
  }
  return undefined
}

/** An alias is a domain, too, or an address that the site answers to. */
export function aliasProblem(text: string): Problem {
  return isAddress(text) ? undefined : domainProblem(text)
}

/** Node takes milliseconds to make what it holds a text against: names with other letters need not wait for that. */
function isAddress(text: string): boolean {
  return /^[\d.]+$|:/.test(text) && isIP(text) !== 0
}

/** Users of Debian: what `adduser` takes. */
export function userProblem(text: string): Problem {
  if (/^[a-z_][a-z0-9_-]{0,31}$/.test(text)) return undefined
  return 'a user name is up to 32 lower-case letters, digits, hyphens and underscores, and begins with a letter or underscore'
}

/** What is connected to: an address, a DNS name, or an alias of ssh_config. */
export function addressProblem(text: string): Problem {
  if (text === '') return 'it is empty'
  if (text.length > 255) return 'it is longer than 255 characters'
  if (text.startsWith('-')) return 'it begins with a hyphen'
  const strange = /[^\p{L}\p{N}._:%-]/u.exec(text)?.[0]
  return strange === undefined ? undefined : `it contains ${shown(strange)}`
}

/** Names of hosts and stages in the config, which a person types after a flag. */
export function labelProblem(text: string): Problem {
  if (text === '') return 'it is empty'
  if (text.length > 100) return 'it is longer than 100 characters'
  if (/^[^A-Za-z0-9]/.test(text)) return 'it does not begin with a letter or digit'
  const strange = /[^A-Za-z0-9._-]/.exec(text)?.[0]
  return strange === undefined ? undefined : `it contains ${shown(strange)}`
}

/** Text of one line that no tool takes for a flag. */
export function lineProblem(text: string): Problem {
  if (text.trim() === '') return 'it is empty'
  if (text.startsWith('-')) return 'it begins with a hyphen'
  const strange = /\p{Cc}/u.exec(text)?.[0]
  return strange === undefined ? undefined : `it contains ${shown(strange)}`
}

/** A path inside the project's folder, in the commit. */
export function pathProblem(text: string): Problem {
  if (text.startsWith('/')) return 'it does not begin at the folder of the project'
  if (text.split('/').includes('..')) return 'it leads out of the folder of the project'
  return lineProblem(text)
}

/** What git takes for a revision, checked only as far as it could do harm. */
export function revisionProblem(text: string): Problem {
  if (/\s/.test(text)) return 'it contains white space'
  return lineProblem(text)
}

function domainProblem(text: string): Problem {
  if (text === '') return 'it is empty'
  const strange = /[^\p{L}\p{M}\p{N}.-]/u.exec(text)?.[0]
  if (strange !== undefined) return `it contains ${shown(strange)}`
  const name = normalSiteName(text)
  if (name === '') return 'it is no domain name in any language'
  return labelsProblem(name.split('.'))
}

function labelsProblem(labels: readonly string[]): Problem {
  if (labels.includes('')) return 'a part of it is empty'
  const long = labels.find((label) => label.length > 63)
  if (long !== undefined)
    return `its part "${long.length > 80 ? `${long.slice(0, 80)}…` : long}" is longer than 63 characters`
  const hyphened = labels.find((label) => label.startsWith('-') || label.endsWith('-'))
  if (hyphened !== undefined) return `its part "${hyphened}" begins or ends with a hyphen`
  if (/^\d+$/.test(labels.at(-1) ?? '')) return 'it ends in a number, as an address does'
  return undefined
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text)
}

function shown(char: string): string {
  if (char === ' ') return 'a space'
  if (char === '"') return `'"'`
  return /\p{C}|\p{Z}/u.test(char)
    ? `the character U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
    : `"${char}"`
}
