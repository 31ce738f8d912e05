import { isDeepStrictEqual } from 'node:util'
import { type PlannedTask, plan } from '../run/graph.ts'
import type { RunRequest } from '../run/index.ts'

type Asked = Pick<RunRequest, 'task' | 'params' | 'only'>

/**
 * The runs that a line of several tasks comes to: each leaves out what one before it did with the same arguments, and one with nothing left
 * is none. `--only` narrows the whole line. Throws `usage` errors for names that none of the chains has.
 */
export function eachOnce<R extends Asked>(requests: readonly R[]): readonly R[] {
  if (requests.length < 2) return requests
  const chains = requests.map((request) => plan({ ...request, only: [] }))
  refuseStrangers(requests, chains)
  const done: PlannedTask[] = []
  return requests.flatMap((request, index) => {
    const left = (chains[index] ?? []).filter(
      (planned) =>
        isWanted(planned, request) &&
        !done.some((one) => one.task === planned.task && isDeepStrictEqual(one.params, planned.params)),
    )
    done.push(...left)
    return left.length === 0 ? [] : [{ ...request, only: left.map(({ task }) => task.name) }]
  })
}

function isWanted({ task }: PlannedTask, { only }: Asked): boolean {
  return only.length === 0 || only.includes(task.name)
}

/** What no chain has is said of the first, in the words for one. */
function refuseStrangers([first]: readonly Asked[], chains: readonly (readonly PlannedTask[])[]): void {
  const names = chains.flat().map(({ task }) => task.name)
  const strangers = first?.only.filter((name) => !names.includes(name)) ?? []
  if (first !== undefined && strangers.length > 0) plan({ ...first, only: strangers })
}
