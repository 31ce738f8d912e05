// `npm run test:faults`: cuts a deploy at every point there is, then deploys and rolls back thirty times under load. Takes an hour or more.
// `--resume` leaves out the points that the last run found good. `--only PATTERN` tries those alone whose names match.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { prepare, root, run, say } from './setup.mjs'

const { resume, only } = parseArgs({ options: { resume: { type: 'boolean' }, only: { type: 'string' } } }).values
const notes = join(root, 'node_modules/.cache/tasks-faults')

await prepare({ more: { wrk: 'wrk' } })
if (!resume) rmSync(notes, { recursive: true, force: true })
say('Cutting deploys, each in another place: two hosts at a time')
const areGood = await vitest(['--config', 'test/faults/vitest.config.ts'], { ONLY: only ?? '' })
for (const kind of ['first', 'change']) tell(kind)
process.exitCode = areGood && (only !== undefined || (await isServedUnderLoad())) ? 0 : 1

function isServedUnderLoad() {
  say('Deploying and rolling back under load')
  return vitest(['--project', 'hosts', 'test/hosts/load.test.ts'], { TURNS: '30' })
}

async function vitest(words, env) {
  const program = join(root, 'node_modules/vitest/vitest.mjs')
  const options = { stdio: 'inherit', env: { ...process.env, TASKS_DEV: '', ...env } }
  try {
    await run(process.execPath, [program, 'run', ...words], options)
    return true
  } catch {
    return false
  }
}

/** What became of the points of a kind: of each the last result. */
function tell(kind) {
  const file = join(notes, `${kind}.jsonl`)
  if (!existsSync(file)) return
  const lines = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const results = [...new Map(lines.map((result) => [result.point.number, result])).values()]
  const bad = results.filter(({ failures }) => failures.length > 0)
  say(`${kind}: ${results.length} points, ${bad.length} of them bad`)
  for (const way of ['client', 'cable', 'reboot', 'program']) {
    const those = results.filter(({ point }) => point.way === way)
    say(`  ${way}: ${those.length} points, ${those.filter(isAmid).length} of them in the middle of an apply`)
  }
  say(`  requests by what came of them: ${JSON.stringify(sumOf(results.map(({ statuses }) => statuses)))}`)
}

function isAmid({ stood }) {
  return stood?.doing === 'apply'
}

function sumOf(counts) {
  const sum = {}
  for (const [key, count] of counts.flatMap(Object.entries)) sum[key] = (sum[key] ?? 0) + count
  return sum
}
