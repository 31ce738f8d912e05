import { parseArgs } from 'node:util'
import { isTasksError } from '../core/errors.ts'
import type { SandboxHost } from './index.ts'
import { installParts, sandboxDown, sandboxFreeze, sandboxList, sandboxReboot, sandboxUp, sshOptions } from './index.ts'

// Run by hand while working on this project: npx jiti src/sandbox/main.ts up web1 --debian 13
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    debian: { type: 'string', default: '13' },
    from: { type: 'string' },
    sudo: { type: 'string' },
    as: { type: 'string' },
  },
})
const [verb, name = ''] = positionals
const onProgress = (line: string) => void process.stderr.write(`${line}\n`)

try {
  await run()
} catch (error) {
  if (!isTasksError(error)) throw error
  process.stderr.write(`${error.message}\n${error.output ?? ''}\n${error.hint ?? ''}\n`)
  process.exitCode = 1
}

async function run(): Promise<void> {
  if (verb === 'up') {
    const debian = values.debian === '12' ? 12 : 13
    const sudo = values.sudo === 'password' || values.sudo === 'none' ? values.sudo : 'nopasswd'
    await installParts({ onProgress })
    print(await sandboxUp({ name, debian, from: values.from, sudo, onProgress }))
  } else if (verb === 'down') await sandboxDown(name)
  else if (verb === 'reboot') await sandboxReboot(name)
  else if (verb === 'freeze') await sandboxFreeze({ name, layer: values.as ?? name })
  else for (const host of await sandboxList()) print(host)
}

function print(host: SandboxHost): void {
  console.log(`${host.name}  Debian ${host.debian}  ${host.isRunning ? host.address : 'stopped'}`)
  console.log(`ssh ${sshOptions(host).join(' ')} ${host.user}@${host.address}`)
}
