import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printable, printableLine, printableLines } from '../../src/render/printable.ts'

describe('text from a machine', () => {
  it.each([
    ['colours', '\x1b[31;1mred\x1b[0m', 'red'],
    ['cleared screens and moved cursors', '\x1b[2J\x1b[H\x1b[10;10Hgone', 'gone'],
    ['titles', '\x1b]0;owned\x07after', 'after'],
    ['titles with another end', '\x1b]0;owned\x1b\\after', 'after'],
    ['clipboards', '\x1b]52;c;cm0gLXJm\x07after', 'after'],
    ['links', '\x1b]8;;http://evil/\x1b\\click\x1b]8;;\x1b\\', 'click'],
    ['device strings', '\x1bP+q544e\x1b\\after', 'after'],
    ['sequences in single bytes', '\x9b31mred\x9d0;owned\x9cafter', 'redafter'],
    ['resets and character sets', '\x1bc\x1b(0\x1b7lqk', 'lqk'],
    ['what is cut in the middle', 'a\x1b[', 'a'],
    ['a lone escape', 'a\x1b', 'a'],
  ])('loses %s', (_, hostile, harmless) => expect(printable(hostile)).toBe(harmless))

  it('spells out what is left of control characters and of turned directions', () => {
    expect(printable('bell\x07 back\x08 null\x00')).toBe('bell\\x07 back\\x08 null\\x00')
    expect(printable('user\u202etxt.exe')).toBe('user\\u{202e}txt.exe')
  })

  it('keeps letters of all scripts, and emoji that are joined', () => {
    const text = 'żółw 猫 नमस्ते 👩‍💻 ✔'
    expect(printable(text)).toBe(text)
  })

  it('never has anything that a terminal obeys', () => {
    const hostile = fc.array(
      fc.oneof(
        fc.constantFrom('\x1b', '[', ']', '\x9b', '2J', '\x07', '\n', '\r', '\t', ';', 'P'),
        fc.string({ unit: 'binary' }),
      ),
    )
    fc.assert(
      fc.property(hostile, (parts) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be absent
        expect(printable(parts.join(''))).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/)
        expect(printableLine(parts.join(''))).not.toContain('\n')
      }),
      { numRuns: 1000 },
    )
  })

  it('shows the last state of a line that was redrawn', () => {
    expect(printableLines('10%\r55%\r100%\r\ndone\r\n')).toEqual(['100%', 'done'])
    expect(printableLines('')).toEqual([])
  })
})
