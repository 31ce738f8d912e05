import { LineBuffer } from './line-buffer.ts'
import type { Scene } from './scene.ts'
import type { Side, Sink } from './sink.ts'

interface Paper {
  readonly sink: Pick<Sink, 'writeLines'>
  readonly paint: Scene['paint']
}

/** Lines of ours, and below them those of machines that talk at the same time: who speaks is named again whenever it is another. */
export class Voices {
  readonly #scene: Paper
  readonly #speakers = new Map<string, { name: string; readonly buffer: LineBuffer }>()
  #last = ''

  constructor(scene: Paper) {
    this.#scene = scene
  }

  /** Lines of ours. Where they name a speaker, it need not be named again. */
  tell(side: Side, lines: readonly string[], speaker = ''): void {
    this.#scene.sink.writeLines(side, lines)
    this.#last = speaker
  }

  /** A piece of what a speaker says; its lines are told when they are whole. */
  hear(speaker: string, name: string, text: string): void {
    const known = this.#speakers.get(speaker) ?? { name, buffer: new LineBuffer() }
    known.name = name
    this.#speakers.set(speaker, known)
    this.#quote(speaker, name, known.buffer.take(text))
  }

  /** The speaker has ended, with or without a line feed. */
  end(speaker: string): void {
    const known = this.#speakers.get(speaker)
    this.#speakers.delete(speaker)
    if (known !== undefined) this.#quote(speaker, known.name, known.buffer.end())
  }

  endAll(): void {
    for (const speaker of [...this.#speakers.keys()]) this.end(speaker)
  }

  #quote(speaker: string, name: string, lines: readonly string[]): void {
    if (lines.length === 0) return
    const head = this.#last === speaker ? [] : [name]
    const bar = this.#scene.paint('faint', '|')
    this.tell('stderr', [...head, ...lines.map((line) => `  ${bar} ${line}`.trimEnd())], speaker)
  }
}
