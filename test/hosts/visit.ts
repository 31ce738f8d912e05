import type { SandboxHost } from '../../src/sandbox/index.ts'
import { run } from '../../src/sandbox/shell.ts'
import { site } from './floors.ts'

export interface Visit {
  /** Asks once more, and gives what each answer was: `STATUS RELEASE RETRY-AFTER`, without what is not there. */
  leave(): Promise<readonly string[]>
}

/** Asks for the site's front page again and again, on a new connection each time, until told to leave. */
export function visit(host: SandboxHost): Visit {
  const gone = new AbortController()
  const format = '%{http_code} %header{x-release} %header{retry-after}'
  const words = ['curl', '-s', '-o', '/dev/null', '-w', format, '-H', `Host: ${site.name}`, `http://${host.address}/`]
  const seen: string[] = []
  const ask = async () => void seen.push((await run(words)).stdout.trim().replaceAll('  ', ' '))
  const asking = (async () => {
    while (!gone.signal.aborted) await ask()
    await ask()
  })()
  return {
    leave: async () => {
      gone.abort()
      await asking
      return seen
    },
  }
}

/** Each answer once, in the order of its first time. */
export async function kindsSeen(visitor: Visit): Promise<readonly string[]> {
  return [...new Set(await visitor.leave())]
}
