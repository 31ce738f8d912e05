import type { Emit } from '../core/event.ts'
import { type Clock, wallClock } from './clock.ts'
import { Closing } from './closing.ts'
import { jsonView } from './json.ts'
import { PlainView } from './plain.ts'
import { ProgressKeeper } from './progress-keeper.ts'
import { quietView } from './quiet.ts'
import type { Level, Scene, View } from './scene.ts'
import { Sink } from './sink.ts'
import { paintWith } from './style.ts'
import { TreeView } from './tree.ts'

export type RendererKind = 'tree' | 'plain' | 'json'

export interface RendererOptions {
  readonly kind: RendererKind
  /** Says nothing about `json`, which is always whole. */
  readonly level: Level
  /** What was asked for: a dry run's steps, the recap, JSON. */
  readonly stdout: NodeJS.WritableStream
  /** Progress, notes, failures. A tree is drawn here. */
  readonly stderr: NodeJS.WritableStream
  readonly colors: boolean
  /** Width of the terminal that `stderr` is, now. */
  readonly columns: () => number
  readonly clock?: Clock
}

/** Shows a run to a person, or to a program, from its events alone. */
export interface Renderer {
  readonly emit: Emit
  /** Draws what is left, and resolves when every byte is handed to the streams. */
  end(): Promise<void>
  /** Stops drawing while `ask` has the terminal, then draws on. One question at a time: later ones wait. */
  whileAsking<T>(ask: () => Promise<T>): Promise<T>
}

export function createRenderer(options: RendererOptions): Renderer {
  const { clock = wallClock } = options
  const sink = new Sink(options)
  const progress = new ProgressKeeper({ now: () => clock.now(), outputLines: options.level === 'verbose' ? 200 : 20 })
  const scene: Scene = {
    sink,
    progress,
    level: options.level,
    paint: paintWith(options.colors),
    width: widths(options),
  }
  const view = viewFor(options, scene, clock)
  const closing = new Closing()
  let asked: Promise<unknown> = Promise.resolve()
  return {
    emit(event) {
      progress.take(event)
      closing.take(event)
      view.take(event)
    },
    async end() {
      await view.end()
      if (options.kind !== 'json') closing.print(scene)
      await sink.flush()
    },
    whileAsking(ask) {
      const answer = asked.then(() => paused(view, ask))
      asked = answer.catch(() => undefined)
      return answer
    },
  }
}

function viewFor({ kind, level, columns, stderr }: RendererOptions, scene: Scene, clock: Clock): View {
  if (kind === 'json') return jsonView(scene.sink)
  if (level === 'quiet') return quietView(scene)
  if (kind === 'plain') return new PlainView(scene, clock)
  return new TreeView({ ...scene, clock, columns, rows: () => rowsOf(stderr) })
}

/** Lines are for logs and pipes too: only a tree knows that it is on a terminal. */
function widths({ kind, columns, ...streams }: RendererOptions): Scene['width'] {
  return (side) => (kind === 'tree' && isTerminal(streams[side]) ? columns() : Number.POSITIVE_INFINITY)
}

async function paused<T>(view: View, ask: () => Promise<T>): Promise<T> {
  view.pause()
  try {
    return await ask()
  } finally {
    view.resume()
  }
}

function rowsOf(stream: NodeJS.WritableStream): number {
  return 'rows' in stream && typeof stream.rows === 'number' && stream.rows > 0 ? stream.rows : 24
}

function isTerminal(stream: NodeJS.WritableStream): boolean {
  return 'isTTY' in stream && stream.isTTY === true
}
