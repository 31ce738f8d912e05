import type { Event } from '../core/event.ts'
import type { View } from './scene.ts'
import type { Sink } from './sink.ts'

/** Each event as it is, one a line, on standard output: for programs. */
export function jsonView(sink: Sink): View {
  return {
    take: (event: Event) => sink.write('stdout', `${JSON.stringify(event)}\n`),
    end: async () => undefined,
    // Questions are asked on the other stream.
    pause: () => undefined,
    resume: () => undefined,
  }
}
