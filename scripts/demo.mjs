// `npm run demo`: a bare Debian host on this machine becomes one that serves examples/django. With `-- --host root@server`, that one does.
import { get } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  againAsRoot,
  build,
  installDebianParts,
  installPackages,
  isInstalled,
  isLinux,
  isRoot,
  root,
  run,
  say,
} from './setup.mjs'

const { values } = parseArgs({ options: { host: { type: 'string' } } })
const site = 'staging.example.com'

await installPackages()
if (!values.host && isLinux && !isRoot && isInstalled('sudo')) process.exit(await againAsRoot())
await installDebianParts()
await build()
const host = values.host ?? (await bootHost())
if (host) await deploy(host)

async function bootHost() {
  const { sandboxObstacle } = await import('../dist/src/sandbox/index.js')
  const obstacle = sandboxObstacle()
  if (obstacle) {
    say(`No host can be made here: ${obstacle}. Against a server of your own: npm run demo -- --host root@server`)
    process.exitCode = 1
    return undefined
  }
  say('Booting a bare Debian host')
  await tasks('sandbox', 'up', 'demo', '--yes')
  return 'demo'
}

async function deploy(host) {
  const address = await addressOf(host)
  process.env.DEMO_ADDRESS = address
  process.env.DEMO_HOST = host
  say(`tasks deploy --site ${site}`)
  await tasks('deploy', '--site', site, '--yes')
  const page = await fetchPage(`http://${address}/`)
  process.stdout.write(`
http://${address}/ answers ${page.status}, from release ${page.release}: ${page.title}

  open it            http://${address}/
  look around        npx tasks sandbox ssh ${host}
  what is there      npx tasks verify --site ${site}
  take it down       npx tasks sandbox down ${host}
`)
}

async function addressOf(host) {
  const { sandboxList } = await import('../dist/src/sandbox/index.js')
  const known = (await sandboxList()).find(({ name }) => name === host)
  return known?.address ?? host.replace(/^.*@/, '').replace(/:\d+$/, '')
}

function fetchPage(url) {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          release: response.headers['x-release'],
          title: /<title>([^<]*)/.exec(text)?.[1]?.trim(),
        }),
      )
    }).on('error', reject)
  })
}

function tasks(...words) {
  return run(process.execPath, [join(root, 'bin/tasks.js'), ...words], { stdio: 'inherit' })
}
