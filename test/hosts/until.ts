import { setTimeout as pause } from 'node:timers/promises'

/** Looks until what is looked for is there; gives up, with what was seen last, after a fixed number of looks. */
export async function until<T>(look: () => T | Promise<T>, isThere: (seen: T) => boolean = Boolean): Promise<T> {
  for (let looks = 1; ; looks++) {
    const seen = await look()
    if (isThere(seen)) return seen
    if (looks === 300) throw new Error(`It did not come about. Last seen: ${JSON.stringify(seen)}`)
    await pause(100)
  }
}
