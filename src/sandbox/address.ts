import { readState } from './state.ts'

/** Where a sandbox host of this machine is, or nothing while there is none of that name: for a config that gives it as an alias of a site. */
export function sandboxAddress(name: string): string | undefined {
  return readState(name)?.address
}
