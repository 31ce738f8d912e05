import type { Host } from '../core/app.ts'

/** A running sandbox host, as any other host is described; nothing where none has the name. */
export async function sandboxHost(name: string): Promise<Host | undefined> {
  const found = (await hosts()).find((host) => host.name === name)
  if (found === undefined) return undefined
  const { address, port, user, identityFile, knownHostsFile } = found
  return { name, address, port, user, identityFile, knownHostsFile, jump: 'none' }
}

export async function sandboxNames(): Promise<readonly string[]> {
  return (await hosts()).map(({ name }) => name)
}

let loading: Promise<typeof import('../sandbox/index.ts')> | undefined

async function hosts() {
  loading ??= import('../sandbox/index.ts') // from sources, a second load of what is being loaded gets it half made (jiti 2.7)
  const { sandboxList } = await loading
  return await sandboxList()
}
