import type { Wire } from '../core/connection.ts'

/** What crossed several connections, together. */
export function sumOfWires(wires: readonly Wire[]): Wire {
  const sum = (key: 'connections' | 'channels' | 'bytesSent' | 'bytesReceived') =>
    wires.reduce((total, wire) => total + wire[key], 0)
  return {
    connections: sum('connections'),
    channels: sum('channels'),
    bytesSent: sum('bytesSent'),
    bytesReceived: sum('bytesReceived'),
  }
}
