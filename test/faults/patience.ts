import { until } from '../hosts/until.ts'

/** As {@link until}, for what takes minutes on a busy machine. Returns what was seen last, be it wanted or not. */
export async function patiently<T>(look: () => T | Promise<T>, isThere: (seen: T) => boolean = Boolean): Promise<T> {
  for (let tries = 1; tries <= 20 && !isThere(await look()); tries++) await until(look, isThere).catch(() => undefined)
  return await look()
}
