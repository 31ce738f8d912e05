/**
 * All that the package has under its own name: what configs and tasks are written with, and what runs them. Those who write tasks for the
 * program itself import the first alone, since what runs them imports them.
 */

export type { Ask, HostKeyQuestion, StepAnswer, StepQuestion, TextQuestion } from './core/ask.ts'
export type { Counts } from './core/counts.ts'
export type { Mode, RunWire } from './core/event.ts'
export type { Outcome } from './core/outcome.ts'
export * from './index.ts'
export { attach, loadProject, printScript, start } from './library/index.ts'
export type { RunOptions, StartOptions } from './library/options.ts'
export type { Returned, Run, RunResult } from './library/running.ts'
export type { Project } from './project/project.ts'
export type { ListedTask } from './project/task-list.ts'
