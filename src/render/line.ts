import type { Paint, Style } from './style.ts'
import { cut, widthOf, wrap } from './width.ts'

/** One row of the tree: an icon, a label, a text, and a note that follows it. All texts are harmless on a terminal. */
export interface Line {
  readonly depth: number
  readonly icon: Piece
  readonly label?: Piece
  readonly text: Piece
  readonly note?: readonly Piece[]
}

export type Piece = readonly [style: Style, text: string]

/** The line in one row of a terminal: the text is cut for the note's sake, and the note left out where both cannot be. */
export function fitted({ depth, icon, label, text, note = [] }: Line, columns: number, paint: Paint): string {
  const head = [
    ['plain', '  '.repeat(depth)],
    icon,
    ['plain', ' '],
    ...(label === undefined ? [] : [label, space]),
  ] as const
  const room = columns - widthOf(plain(head))
  const noteWidth = note.length === 0 ? 0 : widthOf(plain(note)) + 2
  const hasNote = noteWidth > 0 && room - noteWidth >= Math.min(widthOf(text[1]), 8)
  const shown = cut(text[1], hasNote ? room - noteWidth : room)
  return `${painted(head, paint)}${paint(text[0], shown)}${hasNote ? `  ${painted(note, paint)}` : ''}`.trimEnd()
}

/** The line in as many rows as it takes, the later ones indented as deep as the text. */
export function whole({ depth, icon, text, note = [] }: Line, columns: number, paint: Paint): readonly string[] {
  const indent = '  '.repeat(depth)
  const hanging = ' '.repeat(indent.length + widthOf(icon[1]) + 1)
  const room = Math.max(8, columns - hanging.length)
  const rows = wrap(text[1], room)
  const last = rows.at(-1) ?? ''
  const isBeside = widthOf(last) + 2 + widthOf(plain(note)) <= room
  const lines = rows.map(
    (row, index) => `${index === 0 ? `${indent}${paint(...icon)} ` : hanging}${paint(text[0], row)}`,
  )
  if (note.length === 0) return lines
  if (isBeside) return [...lines.slice(0, -1), `${lines.at(-1)}  ${painted(note, paint)}`]
  return [...lines, ...noteRows(note, room, paint).map((row) => hanging + row)]
}

const space: Piece = ['plain', '  ']

function noteRows(note: readonly Piece[], room: number, paint: Paint): readonly string[] {
  if (widthOf(plain(note)) <= room) return [painted(note, paint)]
  const [style] = note[0] ?? (['plain'] as const)
  return wrap(plain(note), room).map((row) => paint(style, row))
}

function plain(pieces: readonly Piece[]): string {
  return pieces.map(([, text]) => text).join('')
}

export function painted(pieces: readonly Piece[], paint: Paint): string {
  return pieces.map((piece) => paint(...piece)).join('')
}
