import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/** What the page of the project says of itself. */
export interface Page {
  readonly version: number
  readonly package: number
  /** The rows that the migration of this version found carry its number. */
  readonly marks: readonly number[]
  readonly rows: readonly number[]
  /** One for each time that a migration was done. */
  readonly migrated: readonly number[]
}

/** What one request came to; `asked` and `answered` are milliseconds since the epoch. */
export interface Answer {
  readonly asked: number
  readonly answered: number
  /** HTTP's own, or why there was none: `ECONNRESET`, `ECONNREFUSED`, `timeout`, … */
  readonly status: number | string
  /** The release that the response names. */
  readonly release: number | undefined
  readonly body: string
}

export interface Visitor {
  readonly answers: readonly Answer[]
  /** Asks once more, and goes. */
  leave(): Promise<readonly Answer[]>
}

/** Asks for the front page of a site again and again, on a new connection each time. */
export function visit(address: string, site: string): Visitor {
  const answers: Answer[] = []
  let isGone = false
  const asking = (async () => {
    while (!isGone) {
      answers.push(await ask(address, site))
      await pause(120)
    }
    answers.push(await ask(address, site))
  })()
  return {
    answers,
    leave: async () => {
      isGone = true
      await asking
      return answers
    },
  }
}

/** One request, on a connection of its own. Whatever comes is an answer. */
export function ask(address: string, site: string, path = '/'): Promise<Answer> {
  const asked = Date.now()
  return new Promise((resolve) => {
    const finish = (status: number | string, rest: Partial<Answer> = {}) =>
      resolve({ asked, answered: Date.now(), status, release: undefined, body: '', ...rest })
    const asking = request({ host: address, path, headers: { Host: site }, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', (error) => finish(`cut: ${codeOf(error)}`))
      response.on('end', () =>
        finish(response.statusCode ?? 0, {
          release: numberIn(response.headers['x-release'], site),
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    asking.setTimeout(10_000, () => asking.destroy(Object.assign(new Error(), { code: 'timeout' })))
    asking.on('error', (error) => finish(codeOf(error)))
    asking.end()
  })
}

/** The page as data; undefined where it is another one. */
export function pageOf({ status, body }: Answer): Page | undefined {
  if (status !== 200) return undefined
  try {
    return JSON.parse(body) as Page
  } catch {
    return undefined
  }
}

function numberIn(header: string | readonly string[] | undefined, site: string): number | undefined {
  const [name, number] = String(header).split('/')
  return name === site ? Number(number) : undefined
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message
}
