import type { Explanation, News, Said } from '../core/step.ts'

/** Finds in what APT and dpkg said why packages could not be installed, and what helps. */
export function explainApt({ output }: Pick<Said, 'output'>, names: readonly string[]): Explanation | undefined {
  const what = `Cannot install ${names.map((name) => `"${name}"`).join(', ')}`
  for (const { pattern, because, hint } of reasons) {
    const match = pattern.exec(output)
    if (match) return { message: `${what}, because ${because(match[1] ?? '')}.`, hint: hint(match[1] ?? '') }
  }
  return undefined
}

/** Package sources that could not be read, each with the file that asks for it: a run goes on without them where it can. */
export function unreadSources(output: string): readonly News[] {
  return [...output.matchAll(/^unread source: (\S+) (.*)$/gm)].map(([, source, file]) => ({
    kind: 'warning',
    message: `The host cannot read the package source "${source}", and goes on without it.`,
    hint: file === '' ? undefined : `correct it, or take it away: ${file}`,
  }))
}

interface Reason {
  readonly pattern: RegExp
  readonly because: (found: string) => string
  readonly hint: (found: string) => string
}

/** The first that fits is told: what is certain comes before what may be its consequence. */
const reasons: readonly Reason[] = [
  {
    pattern: /No space left on device|(?:don't|do not) have enough free space in (\S+)/,
    because: () => 'the disk of the host is full',
    hint: () => 'make room: apt-get clean, journalctl --vacuum-size=100M, df -h',
  },
  {
    pattern: /^still in use: (\d+ \(.*\))$/m,
    because: (holder) => `another program goes on using APT: process ${holder}`,
    hint: (holder) =>
      `wait until it has ended, or see what it does: ps -fp ${Number.parseInt(holder, 10)}; then run the same command again`,
  },
  {
    pattern:
      /Could not get lock [^\n]*held by process (\d+ \([^)]*\))|lock was locked by another process(?: with pid (\d+))?/,
    because: (holder) => `another program goes on using APT${holder === '' ? '' : `: process ${holder}`}`,
    hint: () => 'wait until it has finished, then run the same command again',
  },
  {
    pattern: /NO_PUBKEY (\S+)|The following signatures (?:couldn't be verified|were invalid)/,
    because: () => 'a package source is signed with a key that the host does not know',
    hint: () => 'give the repository its key, or take it away from /etc/apt/sources.list.d',
  },
  {
    pattern: /The repository '([^']+)' (?:does not have|no longer has) a Release file/,
    because: (source) => `the package source "${source}" does not offer what this release of the system needs`,
    hint: () => 'correct it, or take it away from /etc/apt/sources.list.d',
  },
  {
    pattern: /(?:Temporary failure resolving|Could not resolve) '([^']+)'/,
    because: (name) => `the host cannot find the address of "${name}"`,
    hint: () => "check the host's DNS: getent hosts NAME, /etc/resolv.conf",
  },
  {
    pattern: /(?:Could not connect to|Unable to connect to|Failed to fetch) (\S+)/,
    because: (source) => `the host cannot reach "${source.replace(/:$/, '')}"`,
    hint: () => "check the host's way out: its network, its proxy, its firewall",
  },
  {
    pattern: /E: Unable to locate package (\S+)|E: Couldn't find any package by [^\n]*'([^']+)'/,
    because: (name) => `the host's package sources know no package "${name}"`,
    hint: (name) =>
      `look for its name: apt-cache search ${name}; or add the repository that has it to provision.repositories`,
  },
  {
    pattern: /E: Package '([^']+)' has no installation candidate/,
    because: (name) => `the host's package sources name "${name}" and do not offer it`,
    hint: () => 'add the repository that has it to provision.repositories',
  },
  {
    pattern: /E: Held packages were changed and -y was used/,
    because: () => 'one of them, or of those that they need, is held at the version that the host has',
    hint: () => 'see which are held, on the host: apt-mark showhold; let it go: apt-mark unhold NAME',
  },
  {
    pattern: /Errors were encountered while processing:\s+(\S+)/,
    because: (name) => `the package "${name}" fails while it is set up`,
    hint: () => 'see why, on the host: dpkg --configure -a',
  },
  {
    pattern: /E: (Unable to correct problems, you have held broken packages|Unmet dependencies)/,
    because: () => 'they need others that cannot be installed',
    hint: () => 'see which, on the host: apt-get -f install',
  },
]
