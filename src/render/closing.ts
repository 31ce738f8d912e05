import type { Event, ReleaseSwitched, ReleasesListed, RunsListed, SiteStatus } from '../core/event.ts'
import { Failures, failureLines, hintLines } from './failures.ts'
import { recapLines, releaseLine, wireLine } from './recap.ts'
import { releasesTable } from './releases-table.ts'
import { runsTable } from './runs-table.ts'
import type { Scene } from './scene.ts'
import { siteBlock } from './site-block.ts'
import type { Paint } from './style.ts'
import { fold } from './width.ts'

/** The last words of a run, the same in every renderer for people: what it came to, then why not more. */
export class Closing {
  readonly #failures = new Failures()
  readonly #releases = new Map<string, ReleaseSwitched>()
  readonly #lists: (ReleasesListed | RunsListed)[] = []
  readonly #sites: SiteStatus[] = []
  #hasHint = false

  take(event: Event): void {
    this.#failures.take(event)
    if (event.type === 'release.switched') this.#releases.set(`${event.site}\n${event.release}\n${event.commit}`, event)
    if (event.type === 'releases.listed' || event.type === 'runs.listed') this.#lists.push(event)
    if (event.type === 'site.status') this.#sites.push(event)
    if (event.type === 'run.failed' && event.code === 'interrupted' && event.hint !== undefined) this.#hasHint = true
  }

  /** The recap is what was asked for; failures are not. */
  print(scene: Scene): void {
    const lines = [...this.#siteBlocks(scene), ...this.#answer(scene)]
    const answer = lines.flatMap((line) => fold(line, scene.width('stdout'), 0))
    scene.sink.writeLines('stdout', answer)
    scene.sink.writeLines('stderr', this.#reasons(scene))
  }

  #answer({ level, paint, progress }: Scene): readonly string[] {
    const { finished } = progress
    if (this.#sites.length > 0 && finished?.outcome === 'done') return []
    // Who asked for a list does not want to hear that nothing had to be done for it.
    if (this.#lists.length > 0 && finished?.outcome === 'done')
      return this.#lists.flatMap((list) => this.#table(list, paint))
    const recap = recapLines(progress, paint)
    if (level === 'quiet') return finished?.mode === 'dry-run' ? recap.slice(-1) : []
    const wire = level === 'verbose' && finished !== undefined ? [paint('faint', wireLine(finished))] : []
    return [...this.#releases.values()].map((event) => releaseLine(event, paint)).concat(wire, recap)
  }

  /** They are told whatever became of other hosts. */
  #siteBlocks({ paint, width }: Scene): readonly string[] {
    return this.#sites.flatMap((status, index) => [
      ...(index === 0 ? [] : ['']),
      ...siteBlock(status, paint, width('stdout')),
    ])
  }

  #table(list: ReleasesListed | RunsListed, paint: Paint): readonly string[] {
    return list.type === 'releases.listed' ? releasesTable(list, paint) : runsTable(list, paint, this.#lists.length > 1)
  }

  #reasons({ paint, progress, width }: Scene): readonly string[] {
    const blocks = this.#failures.list().flatMap((failure) => ['', ...failureLines(failure, paint, width('stderr'))])
    const goOn = progress.finished?.outcome === 'interrupted' && !this.#hasHint
    return [
      ...blocks,
      ...(goOn ? hintLines('run the same command again: it goes on where this one stopped', paint) : []),
    ]
  }
}
