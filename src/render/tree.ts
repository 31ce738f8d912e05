import type { Event, NoteTold } from '../core/event.ts'
import type { TaskFinished, TransferFinished } from '../core/function-events.ts'
import type { StepPreviewed } from '../core/step-events.ts'
import type { Block, Look } from './block.ts'
import { blocksOf } from './blocks.ts'
import type { Clock } from './clock.ts'
import { type CommandEvent, Commands } from './commands.ts'
import { wholeSeconds } from './duration.ts'
import { functionIcon, functionWords } from './functions.ts'
import type { Line, Piece } from './line.ts'
import type { Canvas, Row, Subject, Tree } from './listr.ts'
import { Notes } from './notes.ts'
import { lastingLines, liveLines } from './paper.ts'
import { PendingPreviews } from './pending-previews.ts'
import { printableLine, printableLines } from './printable.ts'
import { previewLimit, type Scene, type View } from './scene.ts'
import { Screen } from './screen.ts'
import type { Side } from './sink.ts'
import { transferEnd, transferLines } from './transfer-block.ts'
import { Voices } from './voices.ts'
import { marks } from './words.ts'

interface TreeOptions extends Scene {
  readonly clock: Clock
  readonly columns: () => number
  readonly rows: () => number
}

/** Milliseconds between two pictures. */
const beat = 80
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
/** Hosts above which there is one row for all of them. */
const crowd = 20

/**
 * Draws the run on a terminal. What has ended is printed once and left alone; only what is at work, at the foot, is drawn
 * again, so that a picture costs the same however long the run.
 */
export class TreeView implements View, Canvas {
  readonly #options: TreeOptions
  readonly #screen: Screen
  readonly #notes = new Notes()
  readonly #previews = new PendingPreviews()
  readonly #printed = new Set<string>()
  readonly #commands: Commands
  #tree: Promise<Tree> | undefined
  #rows: () => readonly Row[] = () => []
  #stop = (): void => undefined
  #isPaused = false
  #hasSteps = false
  #picture = 0

  constructor(options: TreeOptions) {
    this.#options = options
    this.#screen = new Screen(options.sink, options.columns)
    const voices = new Voices({ paint: options.paint, sink: { writeLines: (side, lines) => this.#tell(lines, side) } })
    this.#commands = new Commands(options, voices, ({ host }) => options.paint('strong', placeWords(host)))
  }

  take(event: Event): void {
    if (event.type === 'run.started') this.#tree = this.#grow()
    if (event.type === 'steps.planned' || event.type === 'step.started') this.#hasSteps = true
    if (event.type === 'note.told') this.#takeNote(event)
    if (isOfCommand(event)) this.#commands.take(event)
    if (event.type === 'task.finished') this.#tellFunction(event)
    if (event.type === 'host.connected') this.#tellLogin(event.host)
    if (event.type === 'transfer.finished') this.#tellTransfer(event)
    this.#previews.take(event)
    void this.#tree?.then((tree) => tree.take(event))
  }

  async end(): Promise<void> {
    await (await this.#tree)?.end()
    this.#tellNotes()
    if (this.#options.progress.finished !== undefined) this.#options.sink.writeLines(this.#side(), [''])
  }

  pause(): void {
    this.#draw()
    for (const event of this.#previews.release()) this.#tellPreview(event)
    this.#screen.show([])
    this.#isPaused = true
    this.#options.sink.hold()
  }

  resume(): void {
    this.#isPaused = false
    this.#options.sink.release()
    this.#draw()
  }

  begin(rows: () => readonly Row[]): void {
    this.#rows = rows
    this.#stop = this.#options.clock.every(beat, () => this.#draw())
  }

  close(): void {
    this.#stop()
    this.#draw()
  }

  async #grow(): Promise<Tree> {
    const { progress } = this.#options
    const isCrowd = progress.hosts.size > crowd && progress.mode !== 'dry-run'
    const { growTree } = await import('./listr.ts')
    return growTree(progress, this, { isCrowd })
  }

  /** Prints what has ended since the last picture, and draws what is at work. */
  #draw(): void {
    if (this.#isPaused) return
    const { paint, columns, rows } = this.#options
    const all = this.#units()
    const ended = all.filter((row) => row.state === 'closed' && !this.#printed.has(keyOf(row.subject)))
    for (const row of ended) this.#printed.add(keyOf(row.subject))
    const live = this.#blocks(all.filter((row) => row.state !== 'closed'))
    const lines = liveLines(
      [...this.#waiting(), ...this.#transfers(), ...live, ...this.#running()],
      { columns: columns(), rows: rows() },
      paint,
    )
    this.#picture += 1
    this.#screen.show(lines, this.#lasting(ended), this.#side())
  }

  /** The rows that are printed each by itself: tasks of the only host, or hosts. */
  #units(): readonly Row[] {
    if (this.#options.progress.hosts.size !== 1) return this.#rows()
    return this.#rows().flatMap((row) => (row.subject.kind === 'host' ? row.rows : [row]))
  }

  #blocks(rows: readonly Row[]): readonly Block[] {
    const { clock, level, progress } = this.#options
    const picture = spinner[this.#picture % spinner.length] ?? ''
    const look: Look = { progress, isVerbose: level === 'verbose', now: clock.now(), spinner: picture }
    return rows.flatMap((row) => blocksOf(row, look))
  }

  #lasting(rows: readonly Row[]): readonly string[] {
    const { paint, level, width } = this.#options
    const ink = { paint, previewLimit: previewLimit(level) }
    return this.#blocks(rows).flatMap((block) => lastingLines(block, width(this.#side()), ink))
  }

  /** What the only host is waited for; several hosts tell it in their own rows. */
  #waiting(): readonly Block[] {
    const hosts = [...this.#options.progress.hosts.values()]
    const [host] = hosts
    if (host?.waiting === undefined || hosts.length > 1 || host.outcome !== undefined) return []
    const icon = spinner[this.#picture % spinner.length] ?? ''
    const head: Line = {
      depth: 0,
      icon: ['busy', icon],
      text: ['strong', host.name],
      note: [['pending', host.waiting]],
    }
    return [{ state: 'active', head, body: [] }]
  }

  /** The commands of free-form tasks; what they say stays above. */
  #running(): readonly Block[] {
    const { clock, progress } = this.#options
    const icon = spinner[this.#picture % spinner.length] ?? ''
    return [...progress.commands.values()].map(({ host, command, startedAt }) => {
      const elapsed = clock.now() - startedAt
      const head: Line = {
        depth: 0,
        icon: ['busy', icon],
        label: ['strong', placeWords(host)],
        text: ['plain', command],
        note: elapsed < 1000 ? [] : [['faint', wholeSeconds(elapsed)]],
      }
      return { state: 'active', head, body: [] }
    })
  }

  /** What the only host sends or gets; several hosts tell it in their own rows. */
  #transfers(): readonly Block[] {
    const { progress, clock } = this.#options
    const [host] = progress.hosts.values()
    if (host === undefined || progress.hosts.size > 1) return []
    const look = { now: clock.now(), spinner: spinner[this.#picture % spinner.length] ?? '' }
    return transferLines(host, look, 0).map((head) => ({ state: 'active', head, body: [] }))
  }

  #tellTransfer(event: TransferFinished): void {
    const { paint, level, progress, width } = this.#options
    const host = progress.hosts.get(event.host)
    const transfer = host?.transfers.get(event.transfer)
    if (host === undefined || transfer === undefined) return
    const block = transferEnd(event, transfer, progress.hosts.size > 1 ? host.name : undefined)
    this.#tell(lastingLines(block, width('stderr'), { paint, previewLimit: previewLimit(level) }))
  }

  /** The steps of a dry run are what was asked for. */
  #side(): Side {
    return this.#options.progress.mode === 'dry-run' ? 'stdout' : 'stderr'
  }

  #takeNote(note: NoteTold): void {
    this.#notes.keep(note)
    // Before the first step there is nothing that notes could break.
    if (!this.#hasSteps) this.#tellNotes()
  }

  #tellNotes(): void {
    this.#tell(this.#notes.take(this.#options))
  }

  #tellLogin(name: string): void {
    const { paint, progress } = this.#options
    const host = progress.hosts.get(name)
    if (host === undefined || progress.hosts.size > 1) return
    const isNamed = host.login.endsWith(`@${host.name}`)
    this.#tell([isNamed ? paint('strong', host.login) : `${paint('strong', host.name)}  ${paint('faint', host.login)}`])
  }

  #tellFunction(event: TaskFinished): void {
    const { paint, progress, width } = this.#options
    const isNamed = event.host === undefined || progress.hosts.size > 1
    const place: readonly Piece[] = isNamed ? [['faint', `${placeWords(event.host)}  `]] : []
    const head: Line = {
      depth: 0,
      icon: functionIcon(event),
      text: ['strong', printableLine(event.task)],
      note: [...place, functionWords(event)],
    }
    this.#tell(lastingLines({ state: 'closed', head, body: [] }, width(this.#side()), { paint, previewLimit: 0 }))
  }

  #tellPreview(event: StepPreviewed): void {
    const { paint, level, progress, width } = this.#options
    const title = progress.hosts.get(event.host)?.tasks.get(event.task)?.steps.get(event.step)?.title ?? ''
    const { icon, style } = marks['would change']
    const where: Piece = ['faint', progress.hosts.size > 1 ? `${event.host}, ${event.task}` : event.task]
    const head: Line = { depth: 0, icon: [style, icon], text: ['strong', title], note: [where] }
    const block: Block = {
      state: 'closed',
      head,
      body: [{ depth: 1, quote: 'preview', lines: printableLines(event.text) }],
    }
    this.#tell(lastingLines(block, width('stderr'), { paint, previewLimit: previewLimit(level) }))
  }

  #tell(lines: readonly string[], side: Side = 'stderr'): void {
    if (lines.length > 0) this.#screen.show(this.#screen.live, lines, side)
  }
}

function isOfCommand(event: Event): event is CommandEvent {
  return event.type === 'command.started' || event.type === 'command.output' || event.type === 'command.finished'
}

/** Where a command runs. */
function placeWords(host: string | undefined): string {
  return host === undefined ? 'local' : printableLine(host)
}

function keyOf(subject: Subject): string {
  switch (subject.kind) {
    case 'host':
      return `host ${subject.host.id}`
    case 'task':
      return `task ${subject.task.name}`
    case 'step':
      return `step ${subject.step.step}`
    default:
      return subject.kind
  }
}
