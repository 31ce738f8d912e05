import { loadProject, start, TasksError } from 'tasks-ssh'

/** Asks all hosts of the project in the current folder how long they have been up; the exit code is the command line's. */
async function main(): Promise<number> {
  const project = await loadProject()
  const run = start(project, 'exec', {
    hosts: ['@all'],
    params: { command: ['uptime', '-p'] },
    jobs: 20,
    signal: AbortSignal.timeout(60_000),
  })
  for await (const event of run) {
    if (event.type === 'command.output') console.log(`${event.host}: ${event.text.trimEnd()}`)
    if (event.type === 'run.failed') console.error(`${event.host}: ${event.message}`)
  }
  const { hosts, exitCode } = await run.result
  console.log(`${hosts.filter(({ outcome }) => outcome === 'done').length} of ${hosts.length} have answered.`)
  return exitCode
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode
  },
  (error: unknown) => {
    console.error(error instanceof TasksError ? `${error.message} ${error.hint ?? ''}` : error)
    process.exitCode = 2
  },
)
