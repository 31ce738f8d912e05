import type { ListedTask } from '../project/task-list.ts'

/** What a command may want besides its own words. */
export interface CommandContext {
  readonly tasks: readonly ListedTask[]
  /** Prints what was asked for. */
  readonly print: (text: string) => void
}
