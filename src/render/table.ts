import { widthOf } from './width.ts'

/** Rows of cells as lines, each column as wide as its widest cell. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const width = (column: number) => Math.max(...rows.map((row) => widthOf(row[column] ?? '')))
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, width(column) - widthOf(cell))))
      .join('  ')
      .trimEnd(),
  )
}
