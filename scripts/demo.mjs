// `npm run demo`: a bare Debian host on this machine becomes one that serves examples/django. With `-- --host root@server`, that one does.
import { get } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { prepare, root, run, sandboxModule, say } from './setup.mjs'

const { values } = parseArgs({ options: { host: { type: 'string' } } })
const site = 'staging.example.com'

await prepare({ bootsHosts: !values.host })
if (values.host) await deployTo(values.host, withoutUser(values.host))
else await deployToSandbox()

async function deployToSandbox() {
  const { sandboxList, sandboxObstacle } = await sandboxModule()
  const obstacle = sandboxObstacle()
  if (obstacle) {
    say(`No host can be made here: ${obstacle}. Against a server of your own: npm run demo -- --host root@server`)
    process.exitCode = 1
    return
  }
  const isUp = async () => (await sandboxList()).find(({ name }) => name === 'demo')
  if (!(await isUp())) {
    say('Booting a bare Debian host: tasks sandbox up demo')
    await tasks('sandbox', 'up', 'demo', '--yes')
  }
  await deployTo('demo', (await isUp()).address)
}

async function deployTo(host, address) {
  say(`Deploying examples/django: tasks deploy --site ${site}`)
  process.env.DEMO_ADDRESS = address
  await tasks('deploy', '--site', site, '--host', host)
  const page = await fetchPage(`http://${address}/`)
  process.stdout.write(`
http://${address}/ answers ${page.status}: "${page.title}", from release ${page.release}

  open it             http://${address}/
  ask it again        npx tasks verify --site ${site} --host ${host}
  change it           edit examples/django, commit, then: npx tasks deploy --site ${site} --host ${host}
`)
  if (host !== 'demo') return
  process.stdout.write(`\
  look around         npx tasks sandbox ssh demo
  take it down        npx tasks sandbox down demo
`)
}

function withoutUser(host) {
  return host.replace(/^.*@/, '').replace(/:\d+$/, '')
}

function fetchPage(url) {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => {
        const title = /<title>([^<]*)/.exec(text)?.[1]?.trim()
        resolve({ status: response.statusCode, release: response.headers['x-release'], title })
      })
    }).on('error', reject)
  })
}

function tasks(...words) {
  return run(process.execPath, [join(root, 'bin/tasks.cjs'), ...words], { stdio: 'inherit' })
}
