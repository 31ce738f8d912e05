import { execFile } from 'node:child_process'
import { lookup } from 'node:dns/promises'

/** Whether a bare word is an alias of ssh_config, or a name that this machine can resolve. Connects to nothing. */
export async function isKnownElsewhere(word: string): Promise<boolean> {
  return (await isSshAlias(word)) || (await isResolved(word))
}

function isSshAlias(word: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('ssh', ['-G', '--', word], (error, printed) => {
      const hostname = /^hostname (.*)$/m.exec(printed)?.[1]
      resolve(error === null && hostname !== undefined && hostname !== word.toLowerCase())
    })
  })
}

async function isResolved(word: string): Promise<boolean> {
  try {
    await lookup(word)
    return true
  } catch {
    return false
  }
}
