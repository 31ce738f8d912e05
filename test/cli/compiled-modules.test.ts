import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const sources = mkdtempSync(path.join(tmpdir(), 'tasks-compiled-'))
afterAll(() => rmSync(sources, { recursive: true }))

describe('modules whose compiled code is kept', () => {
  it('find what Node gives to a module', () => {
    const { start, kept } = programOf({
      'main.cjs': `const part = require('./parts/part.cjs')
console.log(part.name, part.self === require('./parts/part.cjs').self, require.resolve('./parts/part.cjs') === part.file)
part.imported.then(({ EOL }) => console.log(JSON.stringify(EOL)))
try { part.fail() } catch (error) { console.log(error.stack.split('\\n')[1].trim()) }
`,
      'parts/part.cjs': `exports.name = require('node:path').relative(__dirname, __filename)
exports.file = module.filename
exports.self = this
exports.fail = () => { throw new Error('on purpose') }
exports.imported = require('./importing.cjs')
`,
      'parts/importing.cjs': "module.exports = import('node:os')\n",
    })
    const [first, second] = [start(), start()]
    expect(first.stdout).toMatch(/^part\.cjs true true\nat exports\.fail \(.*parts\/part\.cjs:4:\d+\)\n"\\n"\n$/)
    expect(first.stderr).toBe('')
    expect(second).toEqual(first)
    expect(kept().map((file) => file.split(' ').at(-1))).toEqual(['main.cjs', 'parts%2Fpart.cjs'])
  })

  it('are compiled once, and then run from what is kept', () => {
    const { start, kept, place } = programOf({ 'main.cjs': says('one') })
    expect(start().stdout).toBe('one\n')
    const before = kept()
    expect(before).toHaveLength(1)
    expect(start().stdout).toBe('one\n')
    expect(kept()).toEqual(before)
    const other = programOf({ 'main.cjs': says('two') })
    other.start()
    const theirs = readFileSync(other.place('main.cjs'))
    writeFileSync(place('main.cjs'), Buffer.concat([theirs.subarray(0, 4), Buffer.from(says('one')), ofCode(theirs)]))
    expect(start().stdout).toBe('two\n') // nothing but what is kept says so
  })

  it('are compiled anew when their source is another one, even of the same length', () => {
    const { start, root } = programOf({ 'main.cjs': says('one') })
    start()
    writeFileSync(path.join(root, 'main.cjs'), says('two'))
    expect(start().stdout).toBe('two\n')
    expect(start().stdout).toBe('two\n')
  })

  it.each(Object.entries(damages()))('are compiled anew where what is kept is %s', (_, damage) => {
    const { start, place } = programOf({ 'main.cjs': says('one') })
    start()
    const whole = readFileSync(place('main.cjs'))
    writeFileSync(place('main.cjs'), damage(Buffer.from(whole)))
    expect(start()).toEqual({ stdout: 'one\n', stderr: '', status: 0, signal: null })
    expect(ofCode(readFileSync(place('main.cjs'))).length).toBeGreaterThan(0)
    expect(start()).toEqual({ stdout: 'one\n', stderr: '', status: 0, signal: null })
  })

  it('run all the same where nothing can be kept', () => {
    const { start, folder } = programOf({ 'main.cjs': says('one') })
    writeFileSync(folder, 'a file')
    expect(start()).toEqual({ stdout: 'one\n', stderr: '', status: 0, signal: null })
    const long = `${'a'.repeat(250)}.cjs`
    const { start: startLong } = programOf({ 'main.cjs': `require('./${long}')`, [long]: says('long') })
    expect(startLong()).toEqual({ stdout: 'long\n', stderr: '', status: 0, signal: null })
  })

  it('are kept by whoever is first of many that start at once', () => {
    const { kept, script } = programOf({ 'main.cjs': says('one') })
    const all = `for i in 1 2 3 4 5 6; do '${process.execPath}' '${script}' & done; wait`
    expect(execFileSync('sh', ['-c', all], { encoding: 'utf8' })).toBe('one\n'.repeat(6))
    expect(kept()).toHaveLength(1)
  })

  it('are those of the program alone', () => {
    const { start, kept, root } = programOf({ 'main.cjs': "require('../root-not/theirs.cjs')" })
    mkdirSync(`${root}-not`)
    writeFileSync(`${root}-not/theirs.cjs`, says('theirs'))
    expect(start().stdout).toBe('theirs\n')
    expect(kept().map((file) => file.split(' ').at(-1))).toEqual(['main.cjs'])
  })
})

/** Ways in which a kept file may not be what was written. */
function damages(): Readonly<Record<string, (whole: Buffer) => Buffer>> {
  const at = (share: number) => (whole: Buffer) => {
    const place = whole.length - Math.ceil(ofCode(whole).length * share)
    whole[place] = (whole[place] ?? 0) ^ 0xff
    return whole
  }
  return {
    empty: () => Buffer.alloc(0),
    'cut in its source': (whole) => whole.subarray(0, 10),
    'cut before its code': (whole) => whole.subarray(0, whole.length - ofCode(whole).length),
    'cut in its code': (whole) => whole.subarray(0, -10),
    'all zeros': (whole) => whole.fill(0),
    'zeros at its end': (whole) => whole.fill(0, whole.length - 100),
    'wrong in its first byte of code': at(1),
    'wrong in the middle of its code': at(0.5),
    'wrong in its last byte': at(1e-9),
    "another Node's": (whole) => {
      const code = ofCode(whole)
      code.writeUInt32LE((code.readUInt32LE(4) ^ 1) >>> 0, 4) // the second word is the hash of V8's version
      whole.writeUInt32LE(crc32(code))
      return whole
    },
  }
}

const says = (word: string) => `console.log('${word}')\n`

/** What V8 made, of a kept file of `says`, whose words are all of one length. */
function ofCode(kept: Buffer): Buffer {
  return kept.subarray(4 + says('one').length)
}

/** A program of these modules, started by one that keeps what is compiled of them. */
function programOf(modules: Readonly<Record<string, string>>) {
  const home = mkdtempSync(path.join(tmpdir(), 'tasks-compiled-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  const [root, folder, script] = ['root', 'kept', 'start.cjs'].map((name) => path.join(home, name)) as [
    string,
    string,
    string,
  ]
  for (const [name, text] of Object.entries(modules)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    writeFileSync(path.join(root, name), text)
  }
  writeFileSync(
    script,
    `const { createJiti } = require(${JSON.stringify(path.join(checkout, 'node_modules/jiti'))})
const { keepModules } = createJiti(__filename, { fsCache: ${JSON.stringify(sources)} })(${JSON.stringify(path.join(checkout, 'src/cli/compiled-modules.ts'))})
keepModules(${JSON.stringify({ root, folder })})
require(${JSON.stringify(path.join(root, 'main.cjs'))})
`,
  )
  return {
    root,
    folder,
    script,
    start: () => {
      const { stdout, stderr, status, signal } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
      return { stdout, stderr, status, signal }
    },
    /** A file that is written anew is another one. */
    kept: () => readdirSync(folder).map((name) => `${statSync(path.join(folder, name)).ino} ${name}`),
    place: (name: string) => path.join(folder, encodeURIComponent(name)),
  }
}
