import type { SandboxHost } from '../src/sandbox/index.ts'
import { on } from './hosts.ts'

const startsFile = '/home/elspeth/python-starts'
const folders =
  '/usr/lib/python3/dist-packages /home/*/sites/*/virtualenv*/lib/python3*/site-packages /home/*/sites/*/virtualenvs/*/lib/python3*/site-packages'

/**
 * Lets every Python that a host starts, the system's and those of the sites' virtualenvs, note its command line: each reads files of
 * this kind before anything else, some of them twice.
 */
export async function notePythons(host: SandboxHost): Promise<void> {
  await on(
    host,
    `: >${startsFile}; chmod 666 ${startsFile}
    for folder in ${folders}; do
      [ ! -d "$folder" ] || printf '%s\\n' "import os, sys; open('${startsFile}', 'a').write('%s %s%s' % (os.getpid(), ' '.join(sys.orig_argv).replace(chr(10), ' ')[:300], chr(10)))" |
        sudo tee "$folder/starts.pth" >/dev/null
    done`,
  )
}

/** Those that were started since this was asked last: what each was for, in a word or two. */
export async function pythonsSince(host: SandboxHost): Promise<readonly string[]> {
  const lines = await on(host, `sort -u ${startsFile}; : >${startsFile}`)
  return lines.split('\n').filter(Boolean).map(inShort)
}

export async function forgetPythons(host: SandboxHost): Promise<void> {
  await on(host, `for folder in ${folders}; do sudo rm -f "$folder/starts.pth"; done; rm -f ${startsFile}`)
}

function inShort(line: string): string {
  const what = /(facts\.py|manage\.py \w+)|bin\/(gunicorn|pip)\b|-m (\w+)/.exec(line)
  return what?.slice(1).find(Boolean) ?? 'of the tool'
}
