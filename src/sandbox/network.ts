import { existsSync, readFileSync } from 'node:fs'
import { TasksError } from '../core/errors.ts'
import { freePair } from './addresses.ts'
import { must, run } from './shell.ts'
import type { HostState } from './state.ts'

export type Network = Pick<HostState, 'address' | 'gateway' | 'link'>

/** Two addresses that neither this machine's routes and nameservers nor another host uses. */
export async function chooseAddresses(others: readonly Network[]) {
  const routes = (await run(['ip', '-4', '-o', 'route', 'show', 'table', 'all'])).stdout
  const resolv = existsSync('/etc/resolv.conf') ? readFileSync('/etc/resolv.conf', 'utf8') : ''
  const pair = freePair(`${routes}\n${resolv}\n${others.map((other) => `${other.address}/30`).join('\n')}`)
  if (!pair) throw new TasksError({ code: 'failed', message: 'No private address is free for a sandbox host.' })
  return pair
}

/** Gives the host a namespace of its own, a cable to this machine, and a way out through it. */
export async function networkUp(network: Network): Promise<void> {
  const { link, address, gateway } = network
  const sentence = `Cannot make the network of the host at ${address}.`
  await must(['ip', 'netns', 'add', link], sentence)
  const batch = [
    `link add ${link} type veth peer name host0 netns ${link}`,
    `address add ${gateway}/30 dev ${link}`,
    `link set ${link} up`,
  ]
  await must(['ip', '-batch', '-'], sentence, { input: batch.join('\n') })
  const inside = [
    `link set lo up`,
    `address add ${address}/30 dev host0`,
    `link set host0 up`,
    `route add default via ${gateway}`,
  ]
  await must(['ip', '-netns', link, '-batch', '-'], sentence, { input: inside.join('\n') })
  await must(['nft', '-f', '-'], sentence, { input: rules(network) })
  await openForwardChain(link)
}

/** Undoes {@link networkUp}, whatever part of it is there. */
export async function networkDown({ link }: Network): Promise<void> {
  await closeForwardChain(link)
  await run(['nft', 'delete', 'table', 'ip', link])
  await run(['ip', 'link', 'delete', link])
  await run(['ip', 'netns', 'delete', link])
}

/** Takes the host's end of its cable down or up. The machine's end stays, so that nothing meant for the host goes elsewhere meanwhile. */
export async function cable({ link, gateway }: Network, turn: 'down' | 'up'): Promise<void> {
  const lines =
    turn === 'down' ? ['link set host0 down'] : ['link set host0 up', `route replace default via ${gateway}`]
  const words = ['ip', '-netns', link, '-batch', '-']
  await must(words, `Cannot take the cable of "${link}" ${turn}.`, { input: lines.join('\n') })
}

/** Out is open and masqueraded; in is open to this machine alone, not to its neighbours. */
function rules({ link, address }: Network): string {
  return `
table ip ${link} {
  chain out {
    type nat hook postrouting priority srcnat
    ip saddr ${address} oifname != "${link}" masquerade
  }
  chain through {
    type filter hook forward priority filter
    oifname "${link}" ct state established,related accept
    oifname "${link}" drop
  }
}
`
}

/** Where a firewall or Docker has set the machine's forward chain to drop, an exception is needed in that very chain. */
async function openForwardChain(link: string): Promise<void> {
  const chain = await run(['nft', 'list', 'chain', 'ip', 'filter', 'FORWARD'])
  if (chain.code !== 0 || !/policy drop/.test(chain.stdout)) return
  await run(['nft', 'insert', 'rule', 'ip', 'filter', 'FORWARD', 'iifname', link, 'accept', 'comment', `"${link}"`])
  await run(['nft', 'insert', 'rule', 'ip', 'filter', 'FORWARD', 'oifname', link, 'accept', 'comment', `"${link}"`])
}

async function closeForwardChain(link: string): Promise<void> {
  const chain = await run(['nft', '-a', 'list', 'chain', 'ip', 'filter', 'FORWARD'])
  for (const line of chain.stdout.split('\n').filter((rule) => rule.includes(`comment "${link}"`))) {
    const handle = /# handle (\d+)/.exec(line)?.[1]
    if (handle) await run(['nft', 'delete', 'rule', 'ip', 'filter', 'FORWARD', 'handle', handle])
  }
}
