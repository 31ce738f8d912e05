import { type Counts, counted, noCounts } from '../core/counts.ts'
import type { Emit } from '../core/event.ts'
import type { Explanation, Said, Verdict } from '../core/step.ts'
import type { Frame, Piece, WireVerdict } from '../program/frame.ts'
import type { PlacedStep, Program } from '../program/program.ts'
import type { Mask } from './mask.ts'

/** The most that is kept of what one step says, in characters: the end is what explains a failure. */
const keptOutput = 64 * 1024
const shownLines = 20

/** Why a host's run is not what it should be, as the step said it. */
export interface Failure extends Explanation {
  readonly task: string
  readonly step: string
  readonly output: string
}

/**
 * Turns what one host's program says into events: knows which step is speaking, masks what it says, and keeps count.
 * The frames that need an answer are the conversation's business, not its.
 */
export class Narrator {
  readonly #host: string
  readonly #program: Program
  readonly #emit: Emit
  readonly #mask: Mask
  readonly #values: Record<string, string> = Object.create(null) // a host may name a value as it likes
  #counts: Counts = noCounts
  #failure: Failure | undefined
  /** The first time that the host told. */
  #began: number | undefined
  #startedAt = 0
  #hasAsked = false
  #current: PlacedStep | undefined
  #output = new Listener()
  #preview: Listener | undefined
  #pending = ''
  /** The line feed that is still to come was told already. */
  #isEnded = false

  constructor(host: string, program: Program, { emit, mask }: { readonly emit: Emit; readonly mask: Mask }) {
    this.#host = host
    this.#program = program
    this.#emit = emit
    this.#mask = mask
  }

  get counts(): Counts {
    return this.#counts
  }

  get failure(): Failure | undefined {
    return this.#failure
  }

  tell(piece: Piece): void {
    if (piece.kind === 'output') this.#hear(piece.bytes)
    else if (piece.kind === 'start') this.#start(piece)
    else if (piece.kind === 'apply') this.#apply(piece)
    else if (piece.kind === 'ask') this.#hasAsked = true
    else if (piece.kind === 'preview') this.#preview = new Listener()
    else if (piece.kind === 'previewed') this.#endPreview(piece.step)
    else if (piece.kind === 'value') this.#learn(piece)
    else if (piece.kind === 'end') this.#end(piece)
    else if (piece.kind === 'unproved') this.#unproved(piece)
  }

  /** No more than a line feed is to come for now: who waits, as for a lock, has said so in that line. */
  endLine(): void {
    if (this.#pending === '' || !this.#current) return
    this.#emitOutput(this.#current.number, `${this.#pending}\n`)
    this.#pending = ''
    this.#isEnded = true
  }

  /** The step with this number, as a person reads it now: host values that are known are in its title. */
  titleOf(number: number): string {
    return (this.#placed(number)?.step.title ?? '').replace(
      /<([a-z0-9_]+)>/g,
      (all, name: string) => this.#values[name] ?? all,
    )
  }

  #learn({ name, value }: Extract<Frame, { kind: 'value' }>): void {
    this.#values[name] = value
    this.#emit({ type: 'value.set', host: this.#host, name, value: this.#mask(value) })
  }

  #placed(number: number): PlacedStep | undefined {
    return this.#program.steps[number - 1]
  }

  #start({ step, at }: Extract<Frame, { kind: 'start' }>): void {
    this.#current = this.#placed(step)
    this.#startedAt = at
    this.#output = new Listener()
    const about = this.#about(step)
    if (about) this.#emit({ type: 'step.started', ...about, elapsed: this.#elapsed(at) })
  }

  /** The time that a person took to answer is not the step's. */
  #apply({ step, at }: Extract<Frame, { kind: 'apply' }>): void {
    if (this.#hasAsked) this.#startedAt = at
    this.#hasAsked = false
    const about = this.#about(step)
    if (about) this.#emit({ type: 'step.applying', ...about })
  }

  #elapsed(at: number): number {
    this.#began ??= at
    return milliseconds(at - this.#began)
  }

  #hear(bytes: Uint8Array): void {
    if (this.#preview) {
      this.#preview.hear(bytes)
      return
    }
    const text = this.#output.hear(bytes)
    const isTold = this.#isEnded && text.startsWith('\n')
    this.#isEnded = false
    if (this.#current) this.#sayLines(this.#pending + (isTold ? text.slice(1) : text))
  }

  /** Whole lines only, so that a secret that came in two chunks is masked too. */
  #sayLines(text: string): void {
    const end = Math.max(text.lastIndexOf('\n'), text.length > keptOutput ? text.length - 1 : -1) + 1
    this.#pending = text.slice(end)
    if (end > 0 && this.#current) this.#emitOutput(this.#current.number, text.slice(0, end))
  }

  #emitOutput(number: number, text: string): void {
    const about = this.#about(number)
    if (about) this.#emit({ type: 'step.output', ...about, text: this.#mask(text) })
  }

  #endPreview(number: number): void {
    const text = this.#mask(this.#preview?.text ?? '').trimEnd()
    this.#preview = undefined
    const about = this.#about(number)
    if (about && text !== '') this.#emit({ type: 'step.previewed', ...about, text })
  }

  #end({ step: number, verdict: wire, exitCode, at, detail }: Extract<Frame, { kind: 'end' }>): void {
    const placed = this.#placed(number)
    const about = this.#about(number)
    if (!placed || !about) return
    if (this.#pending !== '') this.#emitOutput(number, this.#pending)
    this.#pending = ''
    this.#isEnded = false
    const verdict = verdictOf(wire)
    const said: Said = { output: this.#output.text, verdict, exitCode, values: this.#values }
    const took = wire === 'skipped' ? 0 : milliseconds(at - this.#startedAt)
    const elapsed = this.#elapsed(at)
    const why = verdict === 'failed' || verdict === 'unknown' ? this.#why(placed, said, detail) : undefined
    const after =
      verdict === 'after' ? detail.split(',').map((other) => this.#placed(Number(other))?.id ?? other) : undefined
    this.#news(placed, said)
    this.#counts = counted(this.#counts, verdict)
    this.#current = undefined
    this.#emit({ type: 'step.finished', ...about, verdict, took, elapsed, ...(after && { after }), ...why })
  }

  #why(placed: PlacedStep, said: Said, detail: string) {
    const explanation: Explanation = placed.step.explain?.(said) ?? { message: this.#reason(placed, said, detail) }
    const message = this.#mask(explanation.message)
    const output = lastLines(this.#mask(explanation.output ?? said.output))
    this.#failure ??= { task: placed.task, step: placed.id, message, hint: explanation.hint, output }
    return { because: message, ...(explanation.hint && { hint: explanation.hint }), ...(output && { output }) }
  }

  #reason(placed: PlacedStep, { verdict, exitCode }: Said, detail: string): string {
    const title = `"${this.titleOf(placed.number)}" on "${this.#host}"`
    const seconds = placed.step.timeouts
    if (detail === 'did-not-converge')
      return `Cannot establish ${title}, because it is still not so after it was applied.`
    if (exitCode === 124 && verdict === 'unknown')
      return `Cannot tell whether ${title} holds, because its check did not end within ${seconds.check} seconds.`
    if (verdict === 'unknown')
      return `Cannot tell whether ${title} holds, because its check ended with exit code ${exitCode}.`
    if (exitCode === 124) return `Cannot establish ${title}, because it did not end within ${seconds.apply} seconds.`
    if (!placed.step.apply) return `Cannot go on, because ${title} does not hold.`
    return `Cannot establish ${title}, because its command ended with exit code ${exitCode}.`
  }

  #news({ step, number, task }: PlacedStep, said: Said): void {
    if (said.verdict !== 'met' && said.verdict !== 'changed') return
    for (const news of step.tell?.(said) ?? []) {
      if (news.kind === 'switched') {
        this.#emit({
          type: 'release.switched',
          host: this.#host,
          site: news.site,
          release: news.release,
          commit: news.commit,
        })
        continue
      }
      if (news.kind === 'releases') {
        this.#emit({ type: 'releases.listed', host: this.#host, site: news.site, releases: news.releases })
        continue
      }
      if (news.kind === 'runs') {
        const { site, runs } = news
        this.#emit({ type: 'runs.listed', host: this.#host, ...(site !== undefined && { site }), runs })
        continue
      }
      if (news.kind === 'status') {
        this.#emit({ type: 'site.status', host: this.#host, ...news.state, drift: notTried })
        continue
      }
      const about = { host: this.#host, task, step: this.#placed(number)?.id ?? '' }
      const hint = news.hint && { hint: this.#mask(news.hint) }
      this.#emit({ type: 'note.told', level: news.kind, ...about, message: this.#mask(news.message), ...hint })
    }
  }

  #unproved({ step: number, exitCode }: Extract<Frame, { kind: 'unproved' }>): void {
    const placed = this.#placed(number)
    if (!placed) return
    const message = `Cannot establish "${this.titleOf(number)}" on "${this.#host}", because a later step undid it (its check then gave ${exitCode}).`
    this.#failure ??= { task: placed.task, step: placed.id, message, output: '' }
  }

  #about(number: number) {
    const placed = this.#placed(number)
    return placed && { host: this.#host, task: placed.task, step: placed.id, title: this.titleOf(number) }
  }
}

const notTried = { kind: 'unknown', because: 'no dry run was made' } as const

/** Decodes what is heard, across chunks, and keeps its end. */
class Listener {
  readonly #decoder = new TextDecoder()
  #text = ''

  hear(bytes: Uint8Array): string {
    const text = this.#decoder.decode(bytes, { stream: true })
    this.#text = (this.#text + text).slice(-keptOutput)
    return text
  }

  get text(): string {
    return this.#text
  }
}

function milliseconds(seconds: number): number {
  return Math.max(0, Math.round(seconds * 1000))
}

function verdictOf(wire: WireVerdict): Verdict {
  return wire === 'would' ? 'would change' : wire
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-shownLines).join('\n').trimStart()
}
