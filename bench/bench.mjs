// `npm run bench`: measures this program beside Fabric, pyinfra, Ansible and a script by hand, on real hosts. Takes an hour or more; wants
// Linux and root. What its flags are stands in index.ts.
import { join } from 'node:path'
import { prepare, root, run } from '../scripts/setup.mjs'

await prepare()
// Ctrl-C goes to the benchmark too, which takes down its hosts first.
process.on('SIGINT', () => {})
const jiti = join(root, 'node_modules/jiti/lib/jiti-cli.mjs')
await run(process.execPath, [jiti, join(root, 'bench/index.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })
