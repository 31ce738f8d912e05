// How long the help takes, against a Node that does nothing: `node bench/startup.mjs [rounds]`. Rounds alternate, so that a busy
// moment hits both; the median is told.
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../bin/tasks.js', import.meta.url))
const rounds = Number(process.argv[2] ?? 30)
const commands = {
  'node -e 0': ['-e', '0'],
  'tasks --help': [program, '--help'],
  'tasks deploy --help': [program, 'deploy', '--help'],
}
const taken = Object.fromEntries(Object.keys(commands).map((name) => [name, []]))

for (let round = 0; round < rounds; round++) {
  for (const [name, words] of Object.entries(commands)) taken[name].push(milliseconds(words))
}

const bare = median(taken['node -e 0'])
for (const name of Object.keys(commands)) {
  const time = median(taken[name])
  console.log(`${name.padEnd(20)} ${time.toFixed(0).padStart(4)} ms  ${(time / bare).toFixed(2)} x`)
}

function milliseconds(words) {
  const start = performance.now()
  const { status } = spawnSync(process.execPath, words, { stdio: 'ignore', cwd: tmpdir() })
  if (status !== 0) throw new Error(`node ${words.join(' ')} exited with ${status}`)
  return performance.now() - start
}

function median(times) {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)]
}
