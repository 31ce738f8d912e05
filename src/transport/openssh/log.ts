import type { NamedKey } from '../identity.ts'

/** How far `ssh -v` says that it has come. */
export interface SshLog {
  /** The address that it speaks with, where it dialled by itself. */
  readonly address: string | undefined
  readonly isConnected: boolean
  readonly isEncrypted: boolean
  /** The first that the other side said. */
  readonly greeting: string
  readonly offered: readonly NamedKey[]
  /** Named key files of kinds that it cannot use. */
  readonly unreadable: readonly string[]
  /** What it said besides: its errors, the words of a ProxyCommand, a host's banner. */
  readonly words: readonly string[]
}

/** Reads the lines of `ssh -v`, which are the same in every language. */
export function readLog(text: string): SshLog {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  const first = (pattern: RegExp) => lines.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined)
  const has = (start: string) => lines.some((line) => line.startsWith(start))
  const version = first(/^debug1: Remote protocol version (\S+),/)
  return {
    address: lines.map((line) => /^debug1: Connecting to .* \[(.*)\] port \d+\.$/.exec(line)?.[1]).findLast(Boolean),
    isConnected: has('debug1: Connection established') || has('debug1: Executing proxy command'),
    isEncrypted: has('debug1: SSH2_MSG_NEWKEYS received'),
    greeting: first(/banner line 0: (.*)$/) ?? (version === undefined ? '' : `SSH-${version}`),
    offered: lines.flatMap(offeredKey),
    unreadable: lines.flatMap(
      (line) => /^Load key "(.*)": (?:invalid format|error in libcrypto|unsupported|unknown)/.exec(line)?.[1] ?? [],
    ),
    words: lines.filter((line) => line !== '' && !/^(debug\d: |OpenSSH_|Authenticated to )/.test(line)),
  }
}

/** `Offering public key: PATH TYPE FINGERPRINT`, and where it is from. */
function offeredKey(line: string): readonly NamedKey[] {
  const found = /^debug1: Offering public key: (.+) \S+ SHA256:\S+((?: [\w-]+)*)$/.exec(line)
  if (!found) return []
  const [, label = '', from = ''] = found
  return [{ kind: from.endsWith(' agent') ? 'agent' : 'file', label }]
}
