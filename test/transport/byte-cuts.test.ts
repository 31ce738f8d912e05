import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectSsh } from '../../src/transport/ssh.ts'
import { countedRun, expectWhole } from '../run/counted-run.ts'
import { type CutProxy, startCutProxy, type TcpCut } from './cut-proxy.ts'
import { keyFolder, loginTo, type Sshd, sshdProgram, startSshd } from './sshd.ts'

/** `CUTS=all` cuts at every 64th byte, which takes minutes; else a sample of those. */
const every = process.env.CUTS === 'all' ? 1 : 31

describe.skipIf(sshdProgram === undefined)('a run over a real sshd', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tasks-cuts-'))
  const keys = keyFolder()
  let sshd: Sshd
  let proxy: CutProxy
  beforeAll(async () => {
    const state = `SetEnv TASKS_STATE=${join(folder, 'state')} TASKS_RUN=${join(folder, 'run')}`
    sshd = await startSshd({ path: keys.path, config: [state] })
    proxy = await startCutProxy(sshd.port)
    writeFileSync(keys.path('known_hosts'), sshd.knownLine.replace(`${sshd.port}`, `${proxy.port}`))
  })
  afterAll(async () => {
    await proxy.close()
    await sshd.close()
    keys.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const target = () => ({ ...loginTo(sshd, keys.path), port: proxy.port })
  const counted = (name: string) => {
    const own = join(folder, name)
    mkdirSync(own)
    return countedRun({ folder: own, connect: () => connectSsh(target(), { retries: 0 }) })
  }

  it.each(['sent', 'received'] as const)('that is cut at a byte %s is done once, or not at all', async (direction) => {
    expect(await counted(`whole-${direction}`)).toMatchObject({ exitCode: 0 })
    const size = proxy.last()[direction]
    const places = Array.from({ length: Math.ceil(size / 64) }, (_, index) => index * 64 + 1)
    const cuts = places.filter((_, index) => index % every === Math.floor(every / 2))
    for (const bytes of cuts) {
      const cut: TcpCut = { direction, bytes }
      proxy.cutNext(cut)
      const ended = await counted(`${direction}-${bytes}`)
      if (ended.events.some(({ type }) => type === 'host.connected'))
        expectWhole(ended, { folder: join(folder, `${direction}-${bytes}`), cuts: cut })
      else expect([ended.exitCode, ended.applied]).toEqual([4, []])
    }
  })
})
