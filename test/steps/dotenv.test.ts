import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { stageVariables } from '../../src/steps/dotenv.ts'
import { checkVariable, environmentLines } from '../../src/steps/environment-file.ts'
import { shells } from '../program/harness.ts'
import { hostileValues } from './hostile-values.ts'

describe('the variables of a stage', () => {
  it('come as the lines of an environment file, and are hidden wherever they are said', () => {
    const { names, lines } = stageVariables(
      Buffer.from('# mail\nexport HOST=smtp # there\nKEY="a\nb"\nQUOTE="it\'s"\n'),
      '.env',
    )
    expect(names).toEqual(['HOST', 'KEY', 'QUOTE'])
    expect(Buffer.from(lines.bytes).toString()).toBe(`HOST='smtp'\nKEY='a\nb'\nQUOTE='it'"'"'s'\n`)
    expect(lines.hidden).toEqual(['smtp', 'a\nb', "it's"])
  })

  it.each([
    [
      'A=1\n2ND=two\n',
      '.env:2: cannot use "2ND", because a name is made of letters, digits and underscores, and does not begin with a digit.',
    ],
    ['\nPYTHONPATH=lib\n', '.env:2: cannot use "PYTHONPATH", because tasks sets it for the settings overlay.'],
    ['A=1\nB=2\nKEY="open\nC=3\n', '.env:3: cannot read "KEY", because its quote is never closed.'],
    ["KEY='don't'\n", '.env:1: cannot read "KEY", because there is more behind its closing quote.'],
    ['A=1\n\nwhat is this\n', '.env:3: cannot read the line, because it is neither NAME=value nor a comment.'],
    ['A=1\nMIIE/vgIBADAN==\n', '.env:2: cannot read the line, because it does not begin with a name.'],
    ['KEY=abc#def\n', '.env:1: cannot read "KEY", because for some programs the "#" in it begins a comment.'],
    ['KEY=#abc\n', '.env:1: cannot read "KEY", because for some programs the "#" in it begins a comment.'],
    ['KEY=abc\rB=2\n', '.env:1: cannot read "KEY", because it has a carriage return inside.'],
    ['A="x\ny"\nKEY="a\\"b"\n', '.env:3: cannot read "KEY", because there is more behind its closing quote.'],
    [
      `LONG=${'x'.repeat(131072)}\n`,
      '.env:1: cannot use "LONG", because it is longer than the 128 KiB that a program can be given.',
    ],
    ['A=a\0b\n', '.env:1: cannot use "A", because its value has a NUL character, which no environment can hold.'],
    ['A=\uFFFE\n', '.env:1: cannot use "A", because its value has a character that systemd refuses.'],
  ])('are refused by line and name, and never by value: %j', (text, message) => {
    expect(() => stageVariables(Buffer.from(text), '.env')).toThrow(message)
  })

  it('are refused when the file is not UTF-8', () => {
    expect(() => stageVariables(Buffer.from([0x41, 0x3d, 0xff]), '.env')).toThrow(
      'Cannot read .env, because it is not UTF-8 text.',
    )
  })

  it('are not hidden where they are words that are said anyway', () => {
    const { lines } = stageVariables(Buffer.from('SITENAME=www.example.com\nDOMAIN=example.com\nKEY=hush\n'), '.env', [
      'www.example.com',
    ])
    expect(lines.hidden).toEqual(['hush'])
  })

  it('may be commented, quoted in three ways, and empty', () => {
    const text = 'A=`it\'s "x"` # yes\nB= # nothing\nC=\'#\'\n\nD="" \nE=a"b\n'
    expect(Buffer.from(stageVariables(Buffer.from(text), '.env').lines.bytes).toString()).toBe(
      environmentLines({ A: 'it\'s "x"', B: '', C: '#', D: '', E: 'a"b' }),
    )
  })
})

describe.each(shells)('an environment file, read by %s', (shell) => {
  it('gives each hostile value byte for byte', () => {
    for (const [name, value] of Object.entries(hostileValues)) {
      expect(() => checkVariable(name, value, 'here')).not.toThrow()
      const script = `set -a; eval "$(cat; printf x)"; printf '%s.' "$${name}"`.replace('; printf x', '')
      const words = shell === 'busybox' ? ['busybox', 'ash'] : [shell]
      const [program = '', ...args] = words
      const said = execFileSync(program, [...args, '-c', script], { input: environmentLines({ [name]: value }) })
      expect(said.toString()).toBe(`${value}.`)
    }
  })
})
