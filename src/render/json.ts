import type { Event } from '../core/event.ts'
import type { View } from './scene.ts'
import type { Sink } from './sink.ts'

/** Each event as it is, one a line, on standard output: for programs. What happens at one go is written at one go. */
export function jsonView(sink: Sink): View {
  let lines = ''
  const write = () => {
    sink.write('stdout', lines)
    lines = ''
  }
  return {
    take: (event: Event) => {
      if (lines === '') queueMicrotask(write)
      lines += `${harmlessJson(event)}\n`
    },
    end: async () => undefined, // what is to be written is, before whoever waits for this goes on
    // Questions are asked on the other stream.
    pause: () => undefined,
    resume: () => undefined,
  }
}

/** JSON for a terminal, too: what a machine said and JSON leaves as it is may be a command there, or turn the direction of writing. */
export function harmlessJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
