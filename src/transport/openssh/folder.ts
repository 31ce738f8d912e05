import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TasksError } from '../../core/errors.ts'
import type { Environment } from '../ssh-config.ts'

/** A new folder that only this user can look into, at a path so short that sockets in it can be bound. */
export async function privateFolder(env: Environment): Promise<string> {
  const places = [env.XDG_RUNTIME_DIR, tmpdir(), '/tmp'].filter((place) => place !== undefined && fits(place))
  let cause: unknown
  for (const place of places) {
    try {
      return await mkdtemp(join(place ?? '', 'tasks-'))
    } catch (error) {
      cause = error
    }
  }
  throw new TasksError({
    code: 'failed',
    message: `Cannot make a private folder for ssh in ${places.join(' or ') || tmpdir()}.`,
    hint: 'set TMPDIR to a folder that you may write to',
    cause,
  })
}

/** macOS allows 103 bytes for a socket's path, Linux 107; ssh binds a name that is 17 longer first. */
function fits(place: string): boolean {
  return place.startsWith('/') && Buffer.byteLength(place) + '/tasks-XXXXXX/m'.length + 17 <= 103
}
