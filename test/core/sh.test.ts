import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { content } from '../../src/core/data.ts'
import { describe as inWords, joinShell, quote, rawShell, referencesOf, sh, shellText } from '../../src/core/sh.ts'
import { hostValue } from '../../src/core/step.ts'
import { hostileValues } from '../steps/hostile-values.ts'

const shells = [
  ['dash', []],
  ['bash', ['--posix']],
  ['busybox', ['sh']],
] as const

/** Any text that a word can hold, and often one that shells read as something else. */
const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll('\0', '')),
  fc.constantFrom(...Object.values(hostileValues).filter((text) => text.length < 1000)),
  fc
    .array(
      fc.constantFrom(
        "'",
        '"',
        '\\',
        '$',
        '`',
        '\n',
        ' ',
        '(',
        ')',
        '!',
        '#',
        '-',
        '~',
        '*',
        '=',
        'a',
        '\r',
        '\t',
        '{',
        '}',
      ),
      { maxLength: 12 },
    )
    .map((chars) => chars.join('')),
)

describe.each(shells)('shell text in %s', (shell, options) => {
  const printed = (text: string) => execFileSync(shell, [...options], { input: text, maxBuffer: 1 << 26 })

  it('gives every word byte for byte, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
        const text = shellText(sh`printf '%s\0' ${words} end`)
        expect(printed(text)).toEqual(Buffer.from([...words, 'end', ''].join('\0')))
      }),
      { numRuns: 60 },
    )
  })

  it('keeps a word apart from its neighbours, and as long as it is', () => {
    const long = "it's\n".repeat(200_000)
    expect(printed(shellText(sh`printf '%s|' ${'a b'} x${'c d'}y ${''} ${long}`)).toString()).toBe(
      `a b|xc dy||${long}|`,
    )
  })

  it('never runs what it was given as a word', () => {
    const text = shellText(
      sh`for word in ${['$(echo run)', '`echo run`', "'; echo run; '", '"; echo run; "', '\n echo run \n']}; do :; done; echo over`,
    )
    expect(printed(text).toString()).toBe('over\n')
  })
})

describe('sh', () => {
  it('quotes text, and leaves alone what needs no quotes', () => {
    expect(shellText(sh`a ${'b'} ${'c d'} ${5} ${''} ${"it's"}`)).toBe(`a b 'c d' 5 '' 'it'\\''s'`)
  })

  it('puts lists, shell text, host values and data where words stand', () => {
    const home = hostValue('home')
    const file = content('x')
    const text = sh`${['a b', 'c']} ${sh`[ ${home} = ${'d e'} ]`} ${file}`
    expect(shellText(text)).toBe(`'a b' c [ "$v_home" = 'd e' ] "$DATA/${file.id}"`)
    expect(inWords(text)).toBe('a b c [ <home> = d e ] <content>')
    expect(referencesOf(joinShell([text, text]))).toHaveLength(2)
  })

  it.each([
    ['double quotes', () => sh`echo "${'x'}"`],
    ['single quotes', () => sh`echo '${'x'}'`],
    [
      'quotes of an earlier line',
      () => sh`echo "a
b ${'x'}"`,
    ],
    ['quotes after an escaped one', () => sh`echo \" "a ${'x'}`],
  ])('refuses a value inside %s', (_, made) => {
    expect(made).toThrow('A value is interpolated inside quotes in the shell text')
    expect(made).toThrow('take the quotes away')
  })

  it.each([
    ['a closed quote', () => sh`echo "a" ${'x'} "b"`],
    ['an escaped quote', () => sh`echo \" ${'x'}`],
    [
      "a comment's apostrophe",
      () => sh`# it's a comment
echo ${'x'}`,
    ],
    ['a hash that begins no comment', () => sh`echo \${#a} a#b ${'x'}`],
  ])('takes a value after %s', (_, made) => {
    expect(made).not.toThrow()
  })

  it('refuses a NUL, which no word can hold', () => {
    expect(() => quote('a\0b')).toThrow('Cannot use "a\\u0000b" as a shell word, because it contains a NUL character.')
  })

  it('takes away the indentation of the code around it, and not that of the values', () => {
    const value = '\n      deep\n'
    const text = sh`
      if true; then
        echo ${value}
      fi
      `
    expect(shellText(text)).toBe(`if true; then\n  echo '${value}'\nfi`)
  })

  it('writes a literal ${ and ` where they are escaped', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is what is written
    expect(shellText(sh`echo \${x:-1} \`id\``)).toBe('echo ${x:-1} `id`')
  })

  it('takes shell text of a person as it is', () => {
    expect(shellText(rawShell('echo "$x"'))).toBe('echo "$x"')
  })
})
