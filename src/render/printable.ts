/**
 * Text from a machine that we do not trust, made safe for a terminal: escape sequences are gone, other control characters
 * and direction overrides are spelled out (`\x07`). Line feeds stay; tabs become spaces.
 */
export function printable(text: string): string {
  return text
    .replace(escapeSequence, '')
    .replaceAll('\r\n', '\n')
    .replaceAll('\t', '    ')
    .replace(unprintable, spelledOut)
}

/** The same for a text that must stay on its line. */
export function printableLine(text: string): string {
  return printable(text.trim().replace(/\s*[\r\n]+\s*/g, ' '))
}

/** The lines of what a machine said, as they would stand on a screen: a line redrawn after a carriage return shows its last state. */
export function printableLines(text: string): readonly string[] {
  const lines = text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => printable(lastState(line)).trimEnd())
  while (lines.at(-1) === '') lines.pop()
  return lines
}

// CSI; OSC, DCS, SOS, PM and APC up to their terminator or the end of the line; two-character sequences. Both with ESC and as C1.
const escapeSequence =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?/g

// C0 but tab and line feed, DEL, C1, line and paragraph separators, marks that turn the direction of writing, tags and fillers.
const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu

function spelledOut(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`
  return `\\u{${code.toString(16)}}`
}

function lastState(line: string): string {
  return line.split('\r').findLast((state) => state.trim() !== '') ?? ''
}
