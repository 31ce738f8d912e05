import { Writable } from 'node:stream'
import { Terminal } from '@xterm/headless'
import type { Event } from '../../src/core/event.ts'
import type { Clock } from '../../src/render/clock.ts'
import { createRenderer, type Renderer, type RendererOptions } from '../../src/render/renderer.ts'

/** The two streams of a command, and what was written to each, in order. */
export class Streams {
  readonly writes: { readonly side: 'stdout' | 'stderr'; readonly text: string }[] = []
  readonly stdout: Writable & { isTTY?: boolean }
  readonly stderr: Writable & { isTTY?: boolean; rows?: number }

  constructor(terminal?: { readonly rows: number }) {
    this.stdout = this.#stream('stdout')
    this.stderr = this.#stream('stderr')
    if (terminal !== undefined) Object.assign(this.stdout, { isTTY: true })
    if (terminal !== undefined) Object.assign(this.stderr, { isTTY: true, rows: terminal.rows })
  }

  text(side?: 'stdout' | 'stderr'): string {
    return this.writes
      .filter((write) => side === undefined || write.side === side)
      .map(({ text }) => text)
      .join('')
  }

  #stream(side: 'stdout' | 'stderr'): Writable {
    return new Writable({
      decodeStrings: false,
      write: (chunk: string, _, done) => {
        this.writes.push({ side, text: chunk })
        done()
      },
    })
  }
}

/** Time that passes when a test says so. */
export class HandClock implements Clock {
  #now = 0
  readonly #ticks = new Set<() => void>()

  now(): number {
    return this.#now
  }

  every(_: number, tick: () => void): () => void {
    this.#ticks.add(tick)
    return () => this.#ticks.delete(tick)
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds
    for (const tick of this.#ticks) tick()
  }

  get isRunning(): boolean {
    return this.#ticks.size > 0
  }
}

/** Feeds the events to a renderer and gives what it wrote, once it has ended. */
export async function rendered(
  events: readonly Event[],
  options: Partial<RendererOptions> & Pick<RendererOptions, 'kind'>,
): Promise<Streams> {
  const streams = new Streams()
  const renderer = createRenderer({ level: 'normal', colors: false, columns: () => 80, ...streams, ...options })
  for (const event of events) renderer.emit(event)
  await renderer.end()
  return streams
}

export interface Drawing {
  readonly renderer: Renderer
  readonly clock: HandClock
  readonly streams: Streams
  /** Emits, and lets the next picture be drawn. */
  draw(...events: readonly Event[]): Promise<void>
  /** All rows so far, those that were scrolled away too, without empty ones at the end. */
  screen(): Promise<string>
  /** The person makes the window wider or narrower. */
  resize(columns: number): Promise<void>
}

interface Paper extends Omit<Partial<RendererOptions>, 'columns'> {
  readonly columns: number
  readonly rows?: number
}

/** A tree drawn on a terminal of the given size, picture by picture. */
export function drawing({ columns, rows = 24, ...options }: Paper): Drawing {
  const streams = new Streams({ rows })
  const clock = new HandClock()
  const terminal = new Terminal({ cols: columns, rows, scrollback: 10_000, convertEol: true, allowProposedApi: true })
  const defaults = { kind: 'tree', level: 'normal', colors: true, clock } as const
  const renderer = createRenderer({ ...defaults, columns: () => terminal.cols, ...streams, ...options })
  let seen = 0
  const show = async (): Promise<void> => {
    const bytes = streams.writes.slice(seen).map(({ text }) => text)
    seen = streams.writes.length
    await new Promise<void>((resolve) => terminal.write(bytes.join(''), resolve))
  }
  return {
    renderer,
    clock,
    streams,
    async draw(...events) {
      for (const event of events) renderer.emit(event)
      await settled(clock)
      clock.pass(80)
    },
    async screen() {
      await show()
      const { active } = terminal.buffer
      const lines = Array.from(
        { length: active.length },
        (_, row) => active.getLine(row)?.translateToString(true) ?? '',
      )
      return lines.join('\n').trimEnd()
    },
    async resize(width) {
      await show()
      terminal.resize(width, rows)
    },
  }
}

/** The tree's library is loaded, and all rows whose events came have taken notice. */
async function settled(clock: HandClock): Promise<void> {
  await import('../../src/render/listr.ts')
  for (let turn = 0; turn < 50 || !clock.isRunning; turn++) await new Promise((resolve) => setImmediate(resolve))
}
