import type { Writable } from 'node:stream'
import type { Channel, ChannelEnd } from '../core/connection.ts'
import type { Output } from './output.ts'

interface Parts {
  readonly stdin: Writable
  readonly stdout: Output
  readonly stderr: Output
  /** The command is over; its outputs may still have something to be read. Never rejects. */
  readonly closed: Promise<ChannelEnd>
}

/** Makes the one shape of a running command from its streams, wherever it runs. */
export function channelOf({ stdin, stdout, stderr, closed }: Parts): Channel {
  let isOver = false
  const waiting = new Set<() => void>()
  // A command may end while it is written to: that is its right, and told by `ended`
  stdin.on('error', () => {})
  stdin.on('error', release)
  void closed.then(() => {
    isOver = true
    release()
  })

  function release(): void {
    for (const resolve of waiting) resolve()
    waiting.clear()
  }
  return {
    stdout,
    stderr,
    ended: Promise.all([closed, stdout.ended, stderr.ended]).then(([end]) => end),
    write(bytes) {
      if (isOver || !stdin.writable || bytes.length === 0) return Promise.resolve()
      return new Promise((resolve) => {
        waiting.add(resolve)
        stdin.write(bytes, () => {
          waiting.delete(resolve)
          resolve()
        })
      })
    },
    end() {
      if (!isOver && stdin.writable) stdin.end()
    },
  }
}
