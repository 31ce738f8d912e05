import type { Watcher } from '../../core/free-form.ts'
import type { Side } from './exchange.ts'
import { textOf } from './order.ts'

interface Hands {
  readonly write: (text: string) => void
  /** An answer was not taken; `pattern` is what it was given to. */
  readonly refused: (pattern: RegExp) => void
}

/** Answers a command's questions as they come, on whichever output, in however many pieces. */
export class Watching {
  readonly #watchers: readonly Watcher[]
  readonly #hands: Hands
  readonly #said = { stdout: '', stderr: '' }
  readonly #answered = new Set<Watcher>()

  constructor(watchers: readonly Watcher[], hands: Hands) {
    this.#watchers = watchers.map(({ pattern, refusal, ...rest }) => ({
      ...rest,
      pattern: stateless(pattern),
      ...(refusal && { refusal: stateless(refusal) }),
    }))
    this.#hands = hands
  }

  hear(side: Side, text: string): void {
    if (this.#watchers.length === 0) return
    this.#said[side] += text
    while (this.#react(side));
    this.#said[side] = this.#said[side].slice(-most)
  }

  /** Whether something came of what was said; then what follows it may be more. */
  #react(side: Side): boolean {
    const said = this.#said[side]
    for (const watcher of this.#watchers) {
      if (!this.#answered.has(watcher) || !watcher.refusal?.test(said)) continue
      this.#said[side] = ''
      this.#hands.refused(watcher.pattern)
      return false
    }
    for (const watcher of this.#watchers) {
      const match = watcher.pattern.exec(said)
      if (match === null || match[0] === '') continue
      this.#said[side] = said.slice(match.index + match[0].length)
      this.#answered.add(watcher)
      const answer = textOf(watcher.answer)
      this.#hands.write(answer.endsWith('\n') ? answer : `${answer}\n`)
      return true
    }
    return false
  }
}

const most = 16_384

/** One that remembers where it was would miss what comes again. */
function stateless(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
}
