import { type BaseAgent, createAgent, type ParsedKey, type SigningRequestOptions } from 'ssh2'
import type { Identity } from './identity.ts'

/** The keys of the agent behind a socket; none where no agent answers. Keys of types that the library cannot use are left out. */
export function agentKeys(socket: string | undefined, signal: AbortSignal): Promise<readonly Identity[]> {
  if (socket === undefined) return Promise.resolve([])
  const agent = createAgent(socket)
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve([]), { once: true })
    agent.getIdentities((_error, keys = []) => {
      // This agent gives parsed keys alone; the library's types allow more
      resolve((keys as readonly ParsedKey[]).map((key) => agentKey(agent, key)))
    })
  })
}

function agentKey(agent: BaseAgent, key: ParsedKey): Identity {
  const blob = key.getPublicSSH()
  return {
    kind: 'agent',
    isAtHand: false,
    label: key.comment,
    knownPublicKey: blob,
    publicKey: () => Promise.resolve(blob),
    sign: (data, hash) =>
      new Promise((resolve, reject) => {
        const options = (hash === undefined ? {} : { hash }) as SigningRequestOptions
        agent.sign(key, data, options, (error, signature) =>
          signature ? resolve(signature) : reject(error ?? new Error('the agent did not sign')),
        )
      }),
  }
}
