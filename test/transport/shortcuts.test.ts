import type { Client } from 'ssh2'
import { expect, it } from 'vitest'
import { takeShortcuts } from '../../src/transport/shortcuts.ts'

it('leaves a library alone that is not the one it knows', () => {
  const protocol = { service: () => undefined, authPK: undefined }
  const client = { _protocol: protocol }
  const { service } = protocol
  takeShortcuts(client as unknown as Client, () => undefined)
  expect(client).toEqual({ _protocol: { service, authPK: undefined } })
  expect(() => takeShortcuts({} as Client, () => undefined)).not.toThrow()
})
