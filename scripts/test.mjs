// `npm test`: installs what is missing, builds, makes the images of the sandbox hosts, and runs every test.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepare, root, run, sandboxModule, say } from './setup.mjs'

await prepare({ more: testParts() })
await prepareHosts()
process.exitCode = await vitest(process.argv.slice(2))

/** What only tests need. A server is not put on somebody's own machine for their sake: without it they say that they were skipped. */
function testParts() {
  return {
    tcsh: 'tcsh',
    zsh: 'zsh',
    fish: 'fish',
    tmux: 'tmux',
    wrk: 'wrk',
    chromium: 'chromium',
    pdftotext: 'poppler-utils',
    ...(existsSync('/run/systemd/system') ? {} : { sshd: 'openssh-server' }),
  }
}

async function prepareHosts() {
  const sandbox = await sandboxModule()
  const obstacle = sandbox.sandboxObstacle()
  if (obstacle) return say(`Tests on real hosts are skipped: ${obstacle}`)
  await sandbox.installParts({ onProgress: say })
  for (const debian of [12, 13]) await sandbox.sandboxImage({ debian, onProgress: say })
}

async function vitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-test-'))
  const report = join(folder, 'report.json')
  let code = 0
  try {
    await run(
      process.execPath,
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...args,
      ],
      { stdio: 'inherit' },
    )
  } catch {
    code = 1
  }
  const {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    success,
  } = JSON.parse(readFileSync(report, 'utf8'))
  rmSync(folder, { recursive: true })
  process.stdout.write(
    `${passed} passed, ${failed || (success ? 0 : 1)} failed${skipped ? `, ${skipped} skipped` : ''}\n`,
  )
  return success ? code : 1
}
