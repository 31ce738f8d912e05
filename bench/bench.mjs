// `npm run bench`: measures this program beside Fabric, pyinfra, Ansible and a script by hand, on real hosts. Takes an hour or more; wants
// Linux and root. `-- --only no-op-0ms,code-0ms --rounds 2 --tools own,floor` does a part.
import { join } from 'node:path'
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
} from '../scripts/setup.mjs'

await installPackages()
if (isLinux && !isRoot && isInstalled('sudo')) process.exit(await againAsRoot())
await installDebianParts()
build()
const jiti = join(root, 'node_modules/jiti/lib/jiti-cli.mjs')
await run(process.execPath, [jiti, join(root, 'bench/index.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })
