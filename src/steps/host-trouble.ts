import { type Shell, sh } from '../core/sh.ts'
import type { Explanation, Said } from '../core/step.ts'

type Told = Pick<Said, 'output' | 'exitCode'>

/**
 * Why a step failed for a reason that lies in the host and not in what is deployed: its disk is full or cannot be written to, or its
 * memory ran out. `cannot` begins the sentence: `Cannot build release 8 of "example.com"`. Undefined where nothing hints at that.
 */
export function hostTrouble({ output, exitCode }: Told, cannot: string): Explanation | undefined {
  return explained(hostSigns, output, cannot) ?? (exitCode === killed ? because(outOfMemory, cannot) : undefined)
}

/** The same for a path that cannot be used: something else is there, a link leads to itself, or it is somebody else's. */
export function pathTrouble({ output }: Told, cannot: string): Explanation | undefined {
  return explained(pathSigns, output, cannot)
}

interface Sign {
  readonly sign: RegExp
  readonly why: (match: RegExpExecArray) => Why
}

interface Why {
  readonly because: string
  readonly hint: string
}

function explained(signs: readonly Sign[], output: string, cannot: string): Explanation | undefined {
  for (const { sign, why } of signs) {
    const match = sign.exec(output)
    if (match !== null) return because(why(match), cannot)
  }
  return undefined
}

function because({ because, hint }: Why, cannot: string): Explanation {
  return { message: `${cannot}, because ${because}.`, hint }
}

/** How a shell tells that a process was ended by SIGKILL. */
const killed = 137

const outOfMemory: Why = {
  because: 'the host ran out of memory',
  hint: 'add memory or swap to the host; to see what was ended: sudo journalctl -k | grep -i "out of memory"',
}

const hostSigns: readonly Sign[] = [
  {
    sign: /^only (\d+) KiB and (\d+|-) files are free at (.+)$/m,
    why: ([, kib = '', files = '', path = '']) =>
      Number(kib) < 1024
        ? { because: `the disk is full: ${kib} KiB are free at "${path}"`, hint: `run on the host: df -h ${path}` }
        : {
            because: `the disk takes no more files: ${files} are free at "${path}"`,
            hint: `run on the host: df -i ${path}`,
          },
  },
  {
    sign: /No space left on device|database or disk is full/,
    why: () => ({ because: 'the disk is full', hint: 'run on the host: df -h; df -i' }),
  },
  {
    sign: /Disk quota exceeded/,
    why: () => ({ because: "its user's disk quota is used up", hint: 'run on the host: quota' }),
  },
  {
    sign: /Read-only file system/,
    why: () => ({
      because: 'a file system of the host is read-only',
      hint: 'run on the host: findmnt -O ro; sudo dmesg | tail',
    }),
  },
  {
    sign: /MemoryError|exit code: -9\b|Cannot allocate memory|virtual memory exhausted|Killed signal terminated program|^(?:\S+: line \d+: +\d+ +)?Killed(?=\s*$| {2,})/m,
    why: () => outOfMemory,
  },
]

const pathSigns: readonly Sign[] = [
  {
    sign: pathWith('Too many levels of symbolic links'),
    why: (match) => ({
      because: `"${pathIn(match)}" is a symbolic link that leads to itself`,
      hint: `look at it: ls -l ${pathIn(match)}`,
    }),
  },
  {
    sign: pathWith('(?:File exists|Not a directory|Is a directory|cannot overwrite .*)'),
    why: (match) => ({
      because: `something else is in the place of "${pathIn(match)}"`,
      hint: `look at it, and move it away: mv ${pathIn(match)} ${pathIn(match)}.old`,
    }),
  },
  {
    sign: pathWith('(?:Permission denied|Operation not permitted)'),
    why: (match) => ({
      because: `its user may not do that to "${pathIn(match)}"`,
      hint: `look at the owner and the mode: namei -l ${pathIn(match)}`,
    }),
  },
]

/** The path where coreutils and git (`‘/a/b’: reason`), Python (`reason: '/a/b'`) and shells (`cannot create /a/b: reason`, `line 3: /a/b: reason`) say it. */
function pathWith(reason: string): RegExp {
  return new RegExp(
    `[‘'"](/[^’'"\\n]*)[’'"]: ${reason}|(?:cannot (?:create|open) |line \\d+: )(/[^\\n:]*): ${reason}|${reason}: [‘'"](/[^’'"\\n]*)[’'"]`,
  )
}

function pathIn(match: RegExpExecArray): string {
  return match.slice(1).find((path) => path !== undefined) ?? ''
}

/** `tell_of_full_disk PLACE …`: a line about each place that has no room left. */
export const fullDiskFunctions: Shell = sh`
tell_of_full_disk() (
  for place in "$@"; do
    [ -d "$place" ] || continue
    set -- $(stat -f -c '%a %S %d %c' -- "$place")
    [ "$4" != 0 ] || set -- "$1" "$2" - 0
    kib=$(($1 * $2 / 1024))
    if [ "$kib" -lt 1024 ] || { [ "$3" != - ] && [ "$3" -lt 16 ]; }; then
      printf 'only %s KiB and %s files are free at %s\n' "$kib" "$3" "$place"
    fi
  done
)`
