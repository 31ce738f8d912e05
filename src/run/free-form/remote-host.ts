import type { Host } from '../../core/app.ts'
import type { RemoteHost } from '../../core/free-form.ts'

/** Stands here until the real one does. */
export function remoteHost(host: Host): RemoteHost {
  return host as RemoteHost
}
