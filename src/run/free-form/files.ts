import type { RemoteHost } from '../../core/free-form.ts'
import { get } from './get.ts'
import { put } from './put.ts'
import { read } from './read.ts'
import type { TransferPlace } from './transfer-place.ts'

/** What carries files between this machine and a folder of a host. */
export function filesOf(
  place: Omit<TransferPlace, 'folder'>,
): (folder: string) => Pick<RemoteHost, 'put' | 'get' | 'read'> {
  return (folder) => {
    const there = { ...place, folder }
    return {
      put: (source, target, options) => put(there, source, target, options),
      get: (source, target, options) => get(there, source, target, options),
      read: (source, options) => read(there, source, options),
    }
  }
}
