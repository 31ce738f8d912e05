import { fetching } from './fetching.ts'
import type { TransferPlace } from './transfer-place.ts'
import { telling } from './transfer-telling.ts'

/** Reads a file of the host as it comes, over one channel. Throws at its end when it was not whole; leaving it early ends the channel. */
export async function* read(
  place: TransferPlace,
  source: string,
  options: { readonly as?: string } = {},
): AsyncGenerator<Uint8Array, void> {
  const cannot = place.mask(`Cannot read ${JSON.stringify(source)} on "${place.host}"`)
  const coming = await fetching(place, { verb: 'read', source, as: options.as, cannot })
  let bytes = 0
  let end = (_error?: unknown): void => undefined
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error))
  })
  let passed = (_bytes: number): void => undefined
  const told = telling({ direction: 'read', source }, place, async (tell) => {
    tell.begin(coming.size)
    passed = tell.passed
    await ended
    return { files: 1, bytes }
  })
  told.catch(() => {})
  try {
    for await (const chunk of coming.data) {
      bytes += chunk.length
      passed(bytes)
      yield chunk
    }
  } catch (error) {
    end(error)
    throw error
  } finally {
    end()
    await told.catch(() => {})
    await coming.leave()
  }
}
