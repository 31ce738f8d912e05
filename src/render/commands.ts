import type { Event } from '../core/event.ts'
import { commandWords } from './command-words.ts'
import { duration } from './duration.ts'
import { printableLine, printableLines } from './printable.ts'
import type { Scene } from './scene.ts'
import type { Voices } from './voices.ts'

export type CommandEvent = Extract<Event, { readonly type: `command.${string}` }>

/** What free-form tasks run, each with what it says below it as it comes. */
export class Commands {
  readonly #scene: Pick<Scene, 'paint' | 'level' | 'progress'>
  readonly #voices: Voices
  readonly #place: (event: CommandEvent) => string

  /** `place` tells where a command runs: all that stands before it. */
  constructor(
    scene: Pick<Scene, 'paint' | 'level' | 'progress'>,
    voices: Voices,
    place: (event: CommandEvent) => string,
  ) {
    this.#scene = scene
    this.#voices = voices
    this.#place = place
  }

  take(event: CommandEvent): void {
    const speaker = `${event.host ?? ''}\n${event.task}\n${event.number}`
    const name = `${this.#place(event)}  ${commandWords(event)}`
    if (event.type === 'command.started') {
      const as = event.as === undefined ? '' : ` ${this.#scene.paint('faint', `as ${printableLine(event.as)}`)}`
      this.#voices.tell('stderr', [`${name} …${as}`], speaker)
    }
    if (event.type === 'command.output' && event.isAnswer) this.#answer(event)
    else if (event.type === 'command.output') this.#voices.hear(speaker, `${name} …`, event.text)
    if (event.type !== 'command.finished') return
    this.#voices.end(speaker)
    if (event.outcome === 'done' && this.#scene.level !== 'verbose') return
    const words = `${endWords(event)} (${duration(event.took)})`
    this.#voices.tell('stderr', [`${name} ${this.#scene.paint(event.outcome === 'done' ? 'faint' : 'bad', words)}`])
  }

  /** What one host answers stands alone, for pipes and files; with several, each line says whose it is. */
  #answer({ host, text }: Extract<CommandEvent, { readonly type: 'command.output' }>): void {
    const { hosts } = this.#scene.progress
    const names = [...hosts.values()].map(({ name }) => name)
    const width = Math.max(...names.map((name) => name.length))
    const label = names.length > 1 && host !== undefined ? `${printableLine(host).padEnd(width)}  ` : ''
    this.#voices.tell(
      'stdout',
      printableLines(text).map((line) => `${label}${line}`),
    )
  }
}

function endWords({ outcome, exitCode }: Extract<CommandEvent, { readonly type: 'command.finished' }>): string {
  if (outcome === 'unknown') return 'nobody knows how it ended'
  if (outcome === 'interrupted') return 'interrupted'
  return exitCode === undefined ? 'did not run' : `exit code ${exitCode}`
}
