import { type Block, type Item, isQuote, type Quote } from './block.ts'
import { previewLines } from './diff.ts'
import { fitted, whole } from './line.ts'
import type { Paint } from './style.ts'
import { cut } from './width.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

interface Ink {
  readonly paint: Paint
  /** Lines of one preview that are shown. */
  readonly previewLimit: number
}

/** A block as it stays on the screen: nothing is cut, long texts take several rows. */
export function lastingLines(block: Block, columns: number, ink: Ink): readonly string[] {
  return [block.head, ...block.body].flatMap((item) =>
    isQuote(item) ? quoteLines(item, ink) : whole(item, columns, ink.paint),
  )
}

/** Blocks that are drawn again and again: no line is wider, and all together are no higher, than the terminal. */
export function liveLines(blocks: readonly Block[], size: Size, paint: Paint): readonly string[] {
  // The last column stays free: a terminal does not agree with the next about what follows it.
  const columns = size.columns - 1
  const height = Math.max(1, size.rows - 1)
  const shown = mostActive(blocks, height)
  const left = blocks.length - shown.length
  const room = height - shown.length - (left === 0 ? 0 : 1)
  const each = Math.floor(room / Math.max(1, shown.filter((block) => block.body.length > 0).length))
  const lines = shown.flatMap((block) => [
    fitted(block.head, columns, paint),
    ...bodyLines(block, { columns, rows: each }, paint),
  ])
  return left === 0 ? lines : [...lines, paint('faint', cut(`… and ${left} more`, columns))]
}

/** As many blocks as there is room for, those at work before those that wait. */
function mostActive(blocks: readonly Block[], height: number): readonly Block[] {
  if (blocks.length <= height) return blocks
  const byNeed = [...blocks].sort((one, other) => rank(one) - rank(other))
  const kept = new Set(byNeed.slice(0, height - 1))
  return blocks.filter((block) => kept.has(block))
}

function rank(block: Block): number {
  return block.state === 'active' ? 0 : 1
}

/** The last of the lines, since what happens now is at the end. */
function bodyLines(block: Block, { columns, rows }: Size, paint: Paint): readonly string[] {
  const lines = block.body.flatMap((item) => liveRows(item, columns, paint))
  if (lines.length <= rows) return lines
  if (rows < 2) return lines.slice(lines.length - rows)
  const above = lines.length - rows + 1
  const more = `${'  '.repeat(block.head.depth + 1)}… ${above} above`
  return [paint('faint', cut(more, columns)), ...lines.slice(above)]
}

function liveRows(item: Item, columns: number, paint: Paint): readonly string[] {
  if (!isQuote(item)) return [fitted(item, columns, paint)]
  if (item.quote === 'preview') return []
  return outputRows(item).map((row) => paint('faint', cut(row, columns)))
}

function quoteLines(item: Quote, { paint, previewLimit }: Ink): readonly string[] {
  if (item.quote === 'output') return outputRows(item).map((row) => paint('faint', row))
  const indent = '  '.repeat(item.depth)
  return previewLines(item.lines, paint, previewLimit).map((line) => `${indent}${line}`.trimEnd())
}

function outputRows({ depth, lines }: Quote): readonly string[] {
  return lines.map((line) => `${'  '.repeat(depth)}│ ${line}`)
}
