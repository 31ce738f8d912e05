import { readFileSync } from 'node:fs'

interface Manifest {
  readonly version: string
  readonly engines: { readonly node: string }
}

/** What the package says of itself. */
export function manifest(): Manifest {
  const isBuilt = import.meta.url.includes('/dist/')
  const text = readFileSync(new URL(isBuilt ? '../../../package.json' : '../../package.json', import.meta.url), 'utf8')
  return JSON.parse(text) as Manifest
}
