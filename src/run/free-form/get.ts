import { basename, resolve } from 'node:path'
import { TasksError } from '../../core/errors.ts'
import type { GetOptions, Transfer } from '../../core/free-form.ts'
import { type Fetching, fetching } from './fetching.ts'
import { type Landing, landingAt } from './landing.ts'
import { TarCheck } from './tar-check.ts'
import type { TransferPlace } from './transfer-place.ts'
import { type Telling, telling } from './transfer-telling.ts'

/**
 * Reads a file or a folder of the host to this machine, over one channel. It comes together in a private folder beside its target, and takes
 * the target's place when its checksum is right: whatever happens before, the target is as it was. The host is not trusted with where it lands.
 */
export async function get(
  place: TransferPlace,
  source: string,
  target: string,
  options: GetOptions = {},
): Promise<Transfer> {
  const cannot = place.mask(`Cannot get ${JSON.stringify(source)} from "${place.host}"`)
  const path = resolve(place.localFolder, target)
  if (target === '' || target.endsWith('/') || basename(path) === '') {
    const message = `${cannot}, because ${JSON.stringify(target)} names no file of its own.`
    throw new TasksError({ code: 'usage', message, hint: 'name the result itself: "backup/site.sqlite3"' })
  }
  return telling({ direction: 'get', source, target }, place, async (tell) => {
    const coming = await fetching(place, { verb: 'get', source, as: options.as, cannot })
    try {
      const { kind } = coming
      const landing = await landingAt(path, { cannot, kind, isReplacing: options.replace === true })
      return await land(coming, { landing, tell, cannot }).finally(landing.clear)
    } finally {
      await coming.leave()
    }
  })
}

interface Ground {
  readonly landing: Landing
  readonly tell: Telling
  readonly cannot: string
}

async function land(coming: Fetching, { landing, tell, cannot }: Ground): Promise<Omit<Transfer, 'took'>> {
  tell.begin(coming.size)
  const check = new TarCheck({ cannot, mode: kept })
  let bytes = 0
  async function* counted(chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      bytes += chunk.length
      tell.passed(coming.kind === 'file' ? bytes : check.bytes)
      yield chunk
    }
  }
  if (coming.kind === 'file') await landing.file(counted(coming.data), kept(coming.mode))
  else await landing.folder(check.through(counted(coming.data)))
  await landing.settle()
  return coming.kind === 'file' ? { files: 1, bytes } : { files: check.files, bytes: check.bytes }
}

/** What was not for everybody there is for nobody else here, whose groups are others; and strangers never write. */
function kept(mode: number): number {
  return (mode & 0o004) === 0 && (mode & 0o001) === 0 ? mode & 0o700 : mode & 0o755
}
