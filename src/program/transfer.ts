import { readFileSync } from 'node:fs'
import { quote } from '../core/sh.ts'
import type { Program } from './program.ts'

/** What a host is to do with a file or a folder of its own. */
export type TransferOrder =
  | (OnHost & {
      readonly verb: 'put'
      readonly kind: 'file' | 'folder'
      /** Octal; a folder without one gets its source's. */
      readonly mode?: string | undefined
      readonly owner?: string | undefined
      readonly isReplacing: boolean
    })
  | (OnHost & { readonly verb: 'get' | 'read' })

interface OnHost {
  /** Where `name` is: absolute, or of the login user's home. */
  readonly parent: string
  /** One name, or `.` for a source that has none. */
  readonly name: string
  /** Who does it, where that is not the login user. */
  readonly as?: string | undefined
}

/** A program that moves one file or folder, over the channel on which it came. All names are in its text, so that none is in a process list. */
export function transferProgram(order: TransferOrder): Program {
  const parts = ['./runtime/frames.sh', './runtime/worker.sh', './transfer.sh'].map((path) =>
    readFileSync(new URL(path, import.meta.url), 'utf8'),
  )
  const text = ['#!/bin/sh', ...settings(order), ...parts, '"$@"\n'].join('\n')
  return { text, sections: [], steps: [], data: [], needsRoot: order.as !== undefined, canChange: false }
}

function settings(order: TransferOrder): readonly string[] {
  const { verb, parent, name, as = '' } = order
  const put =
    order.verb === 'put'
      ? { KIND: order.kind, MODE: order.mode ?? '', OWNER: order.owner ?? '', REPLACE: order.isReplacing ? '1' : '' }
      : {}
  // A path of its own kind: what begins with a dash is an option to `cd`, even behind `--`.
  const folder = parent.startsWith('/') ? parent : `./${parent}`
  const all = { VERB: verb, PARENT: folder, NAME: name, AS: as, ...put }
  return Object.entries(all).map(([key, value]) => `${key}=${quote(value)}`)
}
