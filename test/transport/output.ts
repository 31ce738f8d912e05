import type { Connection } from '../../src/core/connection.ts'

/** All that a command writes to standard output, when it hears nothing. */
export async function output(connection: Connection, command = 'echo in'): Promise<string> {
  const channel = await connection.open(command)
  channel.end()
  const chunks: Uint8Array[] = []
  for await (const chunk of channel.stdout) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
