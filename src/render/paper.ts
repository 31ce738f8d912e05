import type { Block, Item } from './blocks.ts'
import { isQuote, type Quote } from './blocks.ts'
import { previewLines } from './diff.ts'
import { fitted, type Line, whole } from './line.ts'
import type { Paint } from './style.ts'
import { cut } from './width.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** A block as it stays on the screen: nothing is cut, long texts take several rows. */
export function lastingLines(
  block: Block,
  columns: number,
  { paint, previewLimit }: { readonly paint: Paint; readonly previewLimit: number },
): readonly string[] {
  const lines = (item: Item): readonly string[] =>
    isQuote(item) ? quoteLines(item, paint, previewLimit) : whole(item, columns, paint)
  return [block.head, ...block.body].flatMap(lines)
}

/** Blocks that are drawn again and again: no line is wider, and all together are no higher, than the terminal. */
export function liveLines(blocks: readonly Block[], size: Size, paint: Paint): readonly string[] {
  const columns = size.columns - 1
  const height = Math.max(1, size.rows - 1)
  const heads = shortened(blocks, height)
  const room = height - heads.length - (blocks.length > heads.length ? 1 : 0)
  const perBlock = Math.floor(room / Math.max(1, heads.filter((block) => block.body.length > 0).length))
  const lines = heads.flatMap((block) => [
    fitted(block.head, columns, paint),
    ...bodyLines(block, { columns, rows: perBlock }, paint),
  ])
  const left = blocks.length - heads.length
  return left === 0 ? lines : [...lines, paint('faint', cut(`  … and ${left} more`, columns))]
}

/** The blocks that have room, those that are at work first to stay. */
function shortened(blocks: readonly Block[], height: number): readonly Block[] {
  if (blocks.length <= height) return blocks
  const kept = new Set([...blocks].sort((one, other) => rank(one) - rank(other)).slice(0, Math.max(0, height - 1)))
  return blocks.filter((block) => kept.has(block))
}

function rank(block: Block): number {
  return block.state === 'active' ? 0 : 1
}

function bodyLines(block: Block, { columns, rows }: Size, paint: Paint): readonly string[] {
  const lines = block.body.flatMap((item) => itemRows(item, columns, paint))
  if (lines.length <= rows) return lines
  if (rows < 1) return []
  const above = lines.length - rows + 1
  const indent = '  '.repeat(block.head.depth + 1)
  return [
    ...(rows > 1 ? [paint('faint', cut(`${indent}… ${above} above`, columns))] : []),
    ...lines.slice(rows > 1 ? above : above - 1),
  ]
}

function itemRows(item: Item, columns: number, paint: Paint): readonly string[] {
  if (!isQuote(item)) return [fitted(item, columns, paint)]
  return item.quote === 'preview' ? [] : outputRows(item, columns, paint)
}

function outputRows({ depth, text }: Quote, columns: number, paint: Paint): readonly string[] {
  const indent = `${'  '.repeat(depth)}│ `
  return [text].flat().map((line) => paint('faint', cut(indent + line, columns)))
}

function quoteLines(item: Quote, paint: Paint, limit: number): readonly string[] {
  const indent = '  '.repeat(item.depth)
  if (item.quote === 'output') return [item.text].flat().map((line) => paint('faint', `${indent}│ ${line}`))
  return previewLines([item.text].flat().join('\n'), paint, limit).map((line) => `${indent}${line}`.trimEnd())
}
