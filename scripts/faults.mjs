// `npm run test:faults`: cuts a deploy at every point there is, then deploys and rolls back thirty times under load. Takes about an hour.
// `--resume` leaves out the points that the last run found good.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  againAsRoot,
  installDebianParts,
  installPackages,
  isInstalled,
  isLinux,
  isRoot,
  root,
  run,
  say,
} from './setup.mjs'

const notes = join(root, 'node_modules/.cache/tasks-faults')

await installPackages()
if (isLinux && !isRoot && isInstalled('sudo')) process.exit(await againAsRoot())
await installDebianParts({ wrk: 'wrk' })
build()
if (!process.argv.includes('--resume')) rmSync(notes, { recursive: true, force: true })
say('Cutting deploys, each in another place: two hosts at a time')
const areGood = await vitest(['--config', 'test/faults/vitest.config.ts'])
for (const kind of ['first', 'change']) tell(kind)
say('Deploying and rolling back under load')
const isServed = await vitest(['--project', 'hosts', 'test/hosts/load.test.ts'], { TURNS: '30' })
process.exitCode = areGood && isServed ? 0 : 1

async function vitest(words, env = {}) {
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  try {
    await run(process.execPath, [program, 'run', ...words], {
      stdio: 'inherit',
      env: { ...process.env, TASKS_DEV: '', ...env },
    })
    return true
  } catch {
    return false
  }
}

/** The last result of each point, as a table. */
function tell(kind) {
  const file = join(notes, `${kind}.jsonl`)
  if (!existsSync(file)) return
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const results = [
    ...new Map(lines.map((line) => JSON.parse(line)).map((result) => [result.point.number, result])).values(),
  ]
  const total = (read) => results.reduce((sum, result) => sum + read(result), 0)
  const statuses = results.flatMap((result) => Object.entries(result.statuses))
  const counts = {}
  for (const [status, count] of statuses) counts[status] = (counts[status] ?? 0) + count
  say(`${kind}: ${results.length} points, ${total(({ failures }) => Math.min(failures.length, 1))} with a failure`)
  for (const way of ['client', 'cable', 'reboot', 'program']) {
    const those = results.filter(({ point }) => point.way === way)
    const amid = those.filter(({ stood }) => stood?.doing === 'apply')
    say(`  ${way}: ${those.length} points, ${amid.length} of them amid an apply`)
  }
  say(`  ${total(({ requests }) => requests)} requests: ${JSON.stringify(counts)}`)
}
