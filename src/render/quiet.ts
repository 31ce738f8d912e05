import { Notes } from './notes.ts'
import type { Scene, View } from './scene.ts'

/** Nothing but warnings; failures are told by the closing. */
export function quietView(scene: Scene): View {
  const { sink } = scene
  const notes = new Notes()
  return {
    take(event) {
      if (event.type === 'note.told' && event.level === 'warning') notes.keep(event)
    },
    async end() {
      sink.writeLines('stderr', notes.take(scene))
    },
    pause: () => sink.hold(),
    resume: () => sink.release(),
  }
}
