import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Programs that the tests and the demo run, and the Debian packages that have them. */
const parts = {
  busybox: 'busybox-static',
  curl: 'curl',
  git: 'git',
  'ssh-keygen': 'openssh-client',
  python3: 'python3',
}

/** Tells a person what is being done. */
export function say(text) {
  process.stderr.write(`▸ ${text}\n`)
}

/** What ends a script: the reason in one line, for whoever typed the command. */
process.on('uncaughtException', (error) => {
  say(`Stopped: ${error.message}`)
  process.exit(1)
})

/** The sandbox of hosts, as it was built. */
export async function sandboxModule() {
  return await import(new URL('../dist/src/sandbox/index.cjs', import.meta.url).href)
}

/** Runs a program with its output on the terminal; rejects when it fails. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['inherit', process.stderr, 'inherit'], ...options })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ${args.join(' ')} ended with ${code}`)),
    )
  })
}

const isRoot = process.getuid?.() === 0
const isLinux = process.platform === 'linux'

/**
 * All that a script of this checkout needs before it begins: npm's packages, Debian's and `more` of these, and the program as its sources are now.
 * Where hosts are to be booted and we are not root, root does it all from here on.
 */
export async function prepare({ bootsHosts = true, more = {} } = {}) {
  await installPackages()
  if (bootsHosts && isLinux && !isRoot && isInstalled('sudo')) process.exit(await againAsRoot())
  await installDebianParts(more)
  build()
}

/** npm's packages, as the lock file names them, unless they are there. */
async function installPackages() {
  const lock = new URL('../package-lock.json', import.meta.url)
  const installed = new URL('../node_modules/.package-lock.json', import.meta.url)
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  say('Installing npm packages')
  await run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'])
}

/** The program in dist/, from the sources as they are now. What the builder says is shown only when it fails. */
function build() {
  say('Building')
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm run build failed:\n${stdout}${stderr}`)
}

/** Debian packages that are missing; only root can, and only on Debian or Ubuntu. */
async function installDebianParts(more) {
  if (!isRoot || !isInstalled('apt-get')) return
  const missing = Object.entries({ ...parts, ...more }).flatMap(([program, name]) =>
    isInstalled(program) ? [] : [name],
  )
  if (!hasVenv()) missing.push('python3-venv')
  if (missing.length === 0) return
  say(`Installing Debian packages: ${missing.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-qq'], { env })
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function isInstalled(program) {
  try {
    execFileSync('/bin/sh', ['-c', `command -v ${program}`], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    })
    return true
  } catch {
    return false
  }
}

function hasVenv() {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import ensurepip'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Runs this same script as root through sudo, where we are not root and sudo is there; resolves with its exit code. */
async function againAsRoot() {
  say('Becoming root with sudo, since only root can boot sandbox hosts')
  const child = spawn('sudo', ['-E', 'env', `PATH=${process.env.PATH}`, process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
  })
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)))
}
