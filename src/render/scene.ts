import type { Event } from '../core/event.ts'
import type { Progress } from './progress.ts'
import type { Side, Sink } from './sink.ts'
import type { Paint } from './style.ts'

export type Level = 'quiet' | 'normal' | 'verbose'

/** What the renderers for people share. */
export interface Scene {
  readonly sink: Sink
  readonly paint: Paint
  readonly level: Level
  /** Columns that sentences may take: no end of them where no terminal is. */
  readonly width: (side: Side) => number
  /** Has seen each event before the view does. */
  readonly progress: Progress
}

/** One way of showing a run while it goes on; what it came to is told by the closing. */
export interface View {
  take(event: Event): void
  /** Draws what is left of the run. */
  end(): Promise<void>
  pause(): void
  resume(): void
}

/** Lines of one preview that are shown, unless everything is wanted. */
export function previewLimit(level: Level): number {
  return level === 'verbose' ? Number.POSITIVE_INFINITY : 60
}
