import type { Window } from '../core/connection.ts'

/** The modes of RFC 4254 that make a terminal a plain pipe in which nothing is echoed, turned or taken for a signal. */
const rawModes = {
  ISTRIP: [33, 0],
  INLCR: [34, 0],
  IGNCR: [35, 0],
  ICRNL: [36, 0],
  IXON: [38, 0],
  ISIG: [50, 0],
  ICANON: [51, 0],
  ECHO: [53, 0],
  IEXTEN: [59, 0],
  OPOST: [70, 0],
} as const

/** What every Debian knows. */
const kind = 'xterm'

/** A terminal in the library's words. */
export function libraryPty({ columns, rows }: Window) {
  const modes = Object.fromEntries(Object.entries(rawModes).map(([name, [, value]]) => [name, value]))
  return { cols: columns, rows, width: 0, height: 0, term: kind, modes }
}

/** The fields of a request for one. */
export function ptyFields({ columns, rows }: Window): readonly (string | number)[] {
  const modes = Object.values(rawModes).flatMap(([code, value]) => [code, 0, 0, 0, value])
  return [kind, columns, rows, 0, 0, String.fromCharCode(...modes, 0)]
}
