import type { Deadline } from './deadline.ts'
import type { Link, LinkOptions } from './link.ts'
import { stopped } from './refusals.ts'

/** What came of one try to log in. */
export type Outcome<L extends Link = Link> =
  | { readonly link: L }
  | { readonly error: Error; readonly isWorthRetrying: boolean | 'with other keys' }

/** Tries again, later and later, where a host takes no more logins just now. */
export async function untilLetIn<L extends Link>(
  attempt: () => Promise<Outcome<L>>,
  { name, deadline, options }: { readonly name: string; readonly deadline: Deadline; readonly options: LinkOptions },
): Promise<L> {
  for (let tries = 0; ; ) {
    const outcome = await attempt()
    if ('link' in outcome) return outcome.link
    if (options.signal.aborted) throw stopped(name)
    if (outcome.isWorthRetrying === 'with other keys') continue
    if (!outcome.isWorthRetrying || tries >= options.retries) throw outcome.error
    await deadline.hold(() => pause(100 * 2 ** tries++ * (0.5 + Math.random()), options.signal))
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    const cut = () => {
      clearTimeout(timer)
      resolve()
    }
    signal.addEventListener('abort', cut, { once: true })
  })
}
