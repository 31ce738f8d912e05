import { Resolver, lookup as systemLookup } from 'node:dns/promises'

/** The addresses of a name as DNS has them; of a name that it does not know, those of this machine's own list (/etc/hosts). */
export async function lookup(name: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  const found = [four, six].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  if (found.length > 0) return found
  const failure: unknown = four.status === 'rejected' ? four.reason : undefined
  if (!isUnknown(failure)) throw failure
  return (await systemLookup(name, { all: true })).map(({ address }) => address)
}

function isUnknown(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && ['ENOTFOUND', 'ENODATA'].includes(String(failure.code))
}
