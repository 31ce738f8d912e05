export { attach } from './attach.ts'
export { printScript } from './print-script.ts'
export type { ConnectOptions, RunRequest, RunResult } from './request.ts'
export { run } from './run.ts'
