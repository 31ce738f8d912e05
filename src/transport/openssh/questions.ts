import { createServer, type Server, type Socket } from 'node:net'

/** What `ssh` wants to know. */
export interface Question {
  readonly words: readonly string[]
  /** `none` for what is said and not asked. */
  readonly kind?: string | undefined
}

/** Gives the text for `ssh` to read, or undefined to refuse. `signal` aborts once `ssh` no longer waits. */
export type Answer = (question: Question, signal: AbortSignal) => Promise<string | undefined>

/** Takes the questions that arrive at a socket, each on a connection of its own, until it is closed. */
export async function takeQuestions(path: string, answer: Answer): Promise<{ close(): void }> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    const left = new AbortController()
    socket.on('error', () => {})
    socket.once('close', () => {
      open.delete(socket)
      left.abort()
    })
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
      const [line, rest] = text.split('\n')
      if (line !== undefined && rest !== undefined)
        void reply(socket, answer(JSON.parse(line) as Question, left.signal))
    })
  })
  await listening(server, path)
  return {
    close() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}

async function reply(socket: Socket, answer: Promise<string | undefined>): Promise<void> {
  const text = await answer.catch(() => undefined)
  if (text === undefined) socket.end()
  else socket.end(JSON.stringify(text))
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
}
