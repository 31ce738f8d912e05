export type { Config } from './config/config.ts'
export { defineConfig } from './config/define-config.ts'
export { param } from './config/param.ts'
export type { App, Host, Site, Stage } from './core/app.ts'
export { content, secret } from './core/data.ts'
export { TasksError } from './core/errors.ts'
export type { Event } from './core/event.ts'
export { extendTask } from './core/extend.ts'
export type { LocalMachine, RemoteHost, Result } from './core/free-form.ts'
export { rawShell, sh } from './core/sh.ts'
export { always, followUp, hostValue, step } from './core/step.ts'
export {
  call,
  defineTask,
  type LocalContext,
  type Needs,
  type Params,
  type RunContext,
  type StepsContext,
} from './core/task.ts'
export * from './recipes/django/index.ts'
export { sandboxAddress } from './sandbox/address.ts'
export * from './steps/index.ts'
