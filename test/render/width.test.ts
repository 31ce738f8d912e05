import { Terminal } from '@xterm/headless'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cut, widthOf, wrap } from '../../src/render/width.ts'

describe('a text that must fit', () => {
  it('is cut with a sign that it was', () => {
    expect(cut('packages nginx, git', 19)).toBe('packages nginx, git')
    expect(cut('packages nginx, git', 12)).toBe('packages ng…')
    expect(cut('猫猫猫', 4)).toBe('猫…')
    expect(cut('abc', 0)).toBe('')
  })

  it('is broken between words, and inside those that are too long', () => {
    expect(wrap('the firewall allows SSH', 12)).toEqual(['the firewall', 'allows SSH'])
    expect(wrap('gunicorn-staging.example.com', 10)).toEqual(['gunicorn-s', 'taging.exa', 'mple.com'])
    expect(wrap('', 10)).toEqual([''])
  })

  it('never takes more cells than it may', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 40 }), (text, width) => {
        expect(widthOf(cut(text, width))).toBeLessThanOrEqual(width)
        for (const line of wrap(text, width)) expect(widthOf(line)).toBeLessThanOrEqual(width)
      }),
    )
  })

  it.each(['plain', 'żółw', '猫が好き', 'ｆｕｌｌ', 'नमस्ते', 'e\u0301', '👩‍💻', '✔ ✖ ○ ↳ … │ ⠋', '안녕', 'ﾊﾝ'])(
    'is never wider on a terminal than we think: %s',
    async (text) => {
      const terminal = new Terminal({ cols: 80, rows: 2, allowProposedApi: true })
      await new Promise<void>((resolve) => terminal.write(text, resolve))
      expect(terminal.buffer.active.cursorX).toBeLessThanOrEqual(widthOf(text))
    },
  )

  it('is counted exactly where all terminals agree', () => {
    expect(widthOf('✔ ✖ ○ ↳ … │ ⠋')).toBe(13)
    expect(widthOf('猫 e\u0301')).toBe(4)
  })
})
