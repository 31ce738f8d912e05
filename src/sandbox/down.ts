import { kill } from './boot.ts'
import { diskDown } from './disk.ts'
import { stateFolder } from './folders.ts'
import { restoreLimits } from './kernel.ts'
import { locked } from './lock.ts'
import { networkDown } from './network.ts'
import { type HostState, isAbandoned, readState, readStates, removeState } from './state.ts'

/** Removes all that there is of a host. Each step is harmless where there is nothing to undo, so two processes may take down the same one. */
export function takeDown(state: HostState): Promise<void> {
  return locked(stateFolder, async () => {
    if (readState(state.name)?.link !== state.link) return
    await kill(state)
    await networkDown(state)
    await diskDown(state)
    removeState(state.name)
    if (readStates().length === 0) restoreLimits()
  })
}

/** Takes down what killed runs left. */
export async function clearAbandoned(): Promise<void> {
  for (const state of readStates().filter(isAbandoned)) await takeDown(state)
}
