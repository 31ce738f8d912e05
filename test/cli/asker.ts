import { promptsOnTerminal } from '../../src/cli/prompts.ts'
import { isTasksError } from '../../src/core/errors.ts'

/** Asks one question on the terminal that it has, and prints the answer as JSON: run by prompts.test.ts. */
let interrupts = 0
const ask = promptsOnTerminal({
  whileAsking: (question) => question(),
  kill: new AbortController().signal,
  interrupt: () => {
    interrupts++
  },
})
const questions: Readonly<Record<string, () => Promise<unknown>>> = {
  step: () => ask.step({ host: 'web1', task: 'deploy', step: 'file /a', title: '/a is so', script: 'echo the script' }),
  hostKey: () =>
    ask.acceptHostKey({
      host: 'web1',
      address: '203.0.113.7',
      port: 22,
      keyType: 'ssh-ed25519',
      fingerprint: 'SHA256:abc',
    }),
  sudoPassword: () => ask.sudoPassword({ host: 'web1', user: 'elspeth', isRetry: true }),
}

const answer = await questions[process.argv[2] ?? '']?.().catch((error: unknown) =>
  isTasksError(error) ? error.code : error,
)
process.stdout.write(`\nanswer=${JSON.stringify({ answer, interrupts })}\n`)
