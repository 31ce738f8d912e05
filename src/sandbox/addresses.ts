/** Private ranges to take from, by their first address and their number of addresses; the first one that nobody routes wins. */
const ranges = [
  { from: '10.231.0.0', size: 65536 },
  { from: '172.29.0.0', size: 65536 },
  { from: '192.168.231.0', size: 256 },
] as const

/** The two usable addresses of a /30 that overlaps no network or address found in `text` (routes, nameservers, other hosts). Routes wider than a /8 count as default ones. */
export function freePair(text: string): { readonly gateway: string; readonly address: string } | undefined {
  const used = networks(text)
  for (const { from, size } of ranges) {
    for (let start = toNumber(from); start < toNumber(from) + size; start += 4) {
      if (used.some((network) => start < network.end && network.start < start + 4)) continue
      return { gateway: toText(start + 1), address: toText(start + 2) }
    }
  }
  return undefined
}

function networks(text: string): readonly { readonly start: number; readonly end: number }[] {
  const found = text.matchAll(/\b(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?/g)
  const all = [...found].filter(([, , length]) => length === undefined || Number(length) >= 8)
  return all.map(([, address = '', length = '32']) => {
    const size = 2 ** (32 - Number(length))
    const start = Math.floor(toNumber(address) / size) * size
    return { start, end: start + size }
  })
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function toText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}
