import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bashWords } from '../../../src/cli/completion/bash-words.ts'
import { named } from '../../../src/cli/completion/candidate.ts'
import { writtenLine } from '../../../src/cli/completion/shell-words.ts'

/** Lines that a tab leaves in bash, each with what its word must come to: a word at the cursor, begun in any way, and what completes it. */
const hostile = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'ab \'"$`\\!(){}[]*?~#&|;<>^:=@,%é-') }),
  fc.constantFrom('$(touch ran)', '`touch ran`', "it's", '~root', '!!', '{a,b}', '*', '-x', "'", '"', '\\'),
)

function wordsIn(lines: readonly string[]): readonly string[] {
  const script = `set -f +H\nset --\n${lines.map((line) => `set -- "$@" ${line}`).join('\n')}\nprintf '%s\\0' "$@"`
  return execFileSync('bash', ['--norc'], { input: script, encoding: 'utf8' }).split('\0').slice(0, -1)
}

describe('a word that bash is told to write', () => {
  it('comes to the candidate, whatever that is, and whatever stands there already', () => {
    const samples = fc.sample(
      fc.record({ value: hostile.filter((text) => text !== ''), cut: fc.nat(), quote: fc.constantFrom('', "'", '"') }),
      3000,
    )
    const rows = samples.flatMap(({ value, cut, quote }) => {
      const head = value.slice(0, cut % (value.length + 1)).replace(/\\$|[\ud800-\udbff]$/u, '')
      const written = quote === '' ? head.replace(/[^A-Za-z0-9é]/g, '\\$&') : `${quote}${head}`
      if (quote !== '' && /["'$`\\!]/.test(head)) return []
      const [word] = bashWords(named([value]), { written, end: '' })
      return word === undefined ? [] : [{ value, line: `${written}${word}${quote}` }]
    })
    expect(rows.length).toBeGreaterThan(1500)
    expect(wordsIn(rows.map(({ line }) => line))).toEqual(rows.map(({ value }) => value))
  })

  it('takes the place of that part alone that bash replaces', () => {
    expect(bashWords(named(['db:pull', 'db:push']), { written: 'db:pu', end: 'pu' })).toEqual(['pull', 'push'])
    expect(bashWords(named(['--host=a,@web']), { written: '--host=a,@w', end: 'w' })).toEqual(['web'])
  })

  it('is left out where no quoting of it is possible in the quotes that are open', () => {
    const values = named(["it's", 'say "hi"', 'a $b', 'a b'])
    expect(bashWords(values, { written: "'", end: '' })).toEqual(['say "hi"', 'a $b', 'a b'])
    expect(bashWords(values, { written: '"', end: '' })).toEqual(["it's", 'a b'])
  })

  it('is quoted as a whole where what several have in common would end in a backslash', () => {
    expect(bashWords(named(['a b', 'a$c']), { written: 'a', end: 'a' })).toEqual(["'a b'", "'a$c'"])
    expect(bashWords(named(['a b', 'a c']), { written: 'a', end: 'a' })).toEqual(['a\\ b', 'a\\ c'])
  })
})

describe('a line as it is written', () => {
  it('is divided as bash divides it, where nothing is expanded', () => {
    const word = hostile.map((text) => `'${text.replaceAll("'", "'\\''")}'`)
    const other = hostile.map((text) => text.replace(/[^A-Za-z0-9é]/g, '\\$&')).filter((text) => text !== '')
    const double = hostile.map((text) => `"${text.replace(/["$`\\]/g, '\\$&')}"`)
    const lines = fc.sample(fc.array(fc.oneof(word, other, double), { minLength: 1, maxLength: 4 }), 500)
    const ours = lines.flatMap((line) => writtenLine(`${line.join('  ')} `).before)
    expect(ours).toEqual(wordsIn(lines.map((line) => line.join(' '))))
  })

  it('has an open quote, or a word that is not there yet, at its end', () => {
    expect(writtenLine('tasks "two w')).toEqual({ before: ['tasks'], written: '"two w', current: 'two w', quote: '"' })
    expect(writtenLine('tasks ')).toEqual({ before: ['tasks'], written: '', current: '', quote: '' })
    expect(writtenLine("tasks a\\ b'c\\")).toMatchObject({ current: 'a bc\\', quote: "'" })
  })
})
