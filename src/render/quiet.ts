import { Notes } from './notes.ts'
import type { Scene, View } from './scene.ts'

/** Nothing but warnings; failures are told by the closing. */
export function quietView({ sink, paint, progress }: Scene): View {
  const notes = new Notes()
  return {
    take(event) {
      if (event.type === 'note.told' && event.level === 'warning') notes.keep(event)
    },
    async end() {
      sink.writeLines('stderr', notes.take({ paint, hasOneHost: progress.hosts.size < 2 }))
    },
    pause: () => sink.hold(),
    resume: () => sink.release(),
  }
}
