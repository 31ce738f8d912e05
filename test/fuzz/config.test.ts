import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { endingOf } from '../../src/cli/ending.ts'
import { checkedConfig } from '../../src/config/check.ts'
import { choose } from '../../src/config/choose.ts'
import { completeApp } from '../../src/config/complete-app.ts'
import type { ConfigFile } from '../../src/config/config-file.ts'
import { moduleLoader } from '../../src/config/load-module.ts'
import { readConfig } from '../../src/config/read.ts'
import type { App } from '../../src/core/app.ts'
import { isTasksError } from '../../src/core/errors.ts'

let modules = 0
const folder = mkdtempSync(path.join(tmpdir(), 'tasks-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ofEveryObject = Object.getOwnPropertyNames(Object.prototype).sort()
afterEach(() => expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(ofEveryObject))

const hostileWord = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '..',
    '-rf',
    '\0',
    '\u001b[2J',
    '\u202e',
    '$(id)',
    '`id`',
  ),
  fc.constantFrom(
    'web1',
    'example.com',
    'staging',
    'hosts',
    'sites',
    'stages',
    'app',
    'host',
    'stage',
    'address',
    '127.0.0.1',
    '::1',
    'xn--a',
    'ž.cz',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)
const anything = fc.anything({
  key: hostileWord,
  maxDepth: 3,
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withObjectString: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
})
const value = fc.oneof(
  { weight: 3, arbitrary: hostileWord },
  { weight: 2, arbitrary: anything },
  {
    weight: 1,
    arbitrary: fc.oneof(fc.double(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined)),
  },
)
const entry = (...keys: readonly string[]) =>
  fc.oneof(value, fc.dictionary(fc.oneof(fc.constantFrom(...keys), hostileWord), value, { maxKeys: 4 }))
const named = (inner: fc.Arbitrary<unknown>) => fc.oneof(value, fc.dictionary(hostileWord, inner, { maxKeys: 4 }))

/** A config that is right in some of its keys and wrong in others. */
const config = fc.oneof(
  { weight: 1, arbitrary: value },
  {
    weight: 6,
    arbitrary: fc.record(
      {
        app: entry(
          'framework',
          'directory',
          'wsgi',
          'packages',
          'workers',
          'healthPath',
          'keepReleases',
          'maxBodySize',
        ),
        hosts: named(entry('address', 'port', 'user', 'identityFile', 'jump', 'siteUser')),
        stages: named(entry('dotenv', 'protected')),
        sites: named(entry('host', 'stage', 'aliases')),
        provision: entry('firewall', 'packages', 'repositories'),
        verify: entry('functionalTests'),
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: fc.dictionary(hostileWord, value) },
)

/** The app, or nothing where a person was told why not: in lines that each say where, clean and of a bearable length. */
function appOf(said: unknown): App | undefined {
  try {
    return completeApp(checkedConfig(said, 'tasks.config.ts'), { root: '/srv' }).app
  } catch (error) {
    expectTold(error)
    return undefined
  }
}

function expectTold(error: unknown): void {
  if (!isTasksError(error)) throw error
  const { err = '', exitCode } = endingOf(error)
  expect(exitCode).toBe(2)
  expect(err.length).toBeLessThan(30_000)
  expect(err.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u)
}

describe('a config', () => {
  it('of any values is an app, or is refused in words', () => {
    let accepted = 0
    fc.assert(
      fc.property(config, (said) => {
        const app = appOf(said)
        if (app === undefined) return
        accepted++
        for (const [name, site] of Object.entries(app.sites))
          expect(Object.hasOwn(app.hosts, site.host), name).toBe(true)
        for (const name of Object.keys({ ...app.hosts, ...app.stages, ...app.sites }))
          expect(name).toMatch(/^[a-z\d][\w.-]*$/i)
      }),
      { numRuns: 20_000 },
    )
    expect(accepted).toBeGreaterThan(100)
  })

  it('gives a host and a site to flags of any words, or refuses them in words', async () => {
    const app = completeApp(
      checkedConfig(
        {
          hosts: { web1: { address: '203.0.113.1' }, constructor: {} },
          stages: { staging: {}, toString: { protected: true } },
          sites: { 'example.com': { host: 'web1', stage: 'staging' }, 'staging.example.com': { host: 'constructor' } },
        },
        'tasks.config.ts',
      ),
      { root: '/srv' },
    ).app
    const word = fc.oneof(
      hostileWord,
      fc.constantFrom('elspeth@[::1]:22', 'a@b@c:1', ':22', '@', '[', 'staging', 'x:99999'),
    )
    const wanted = fc.record({
      hosts: fc.array(word, { maxLength: 3 }),
      site: fc.option(word, { nil: undefined }),
      stage: fc.option(word, { nil: undefined }),
    })
    const nowhere = {
      needsHost: true,
      sandboxHost: async () => undefined,
      sandboxNames: async () => [],
      isKnownElsewhere: async () => false,
    }
    await fc.assert(
      fc.asyncProperty(wanted, fc.boolean(), async (flags, needsSite) => {
        try {
          const { hosts, site } = await choose(app, flags, { task: 'deploy', needsSite, hasProject: true, ...nowhere })
          expect(hosts.length).toBeGreaterThan(0)
          if (needsSite) expect(site?.host).toBe(hosts[0]?.name)
        } catch (error) {
          expectTold(error)
        }
      }),
      { numRuns: 8000 },
    )
  })

  it.each<[string, () => unknown, RegExp]>([
    ['a key of 5 MB', () => ({ ['x'.repeat(5e6)]: 1 }), /^tasks\.config\.ts: \["x{80}…"\]: unknown key\.$/],
    [
      'a site of 5 MB',
      () => ({ sites: { ['a.'.repeat(2.5e6)]: {} } }),
      /: cannot be a site, because a part of it is empty\./,
    ],
    [
      'an address of 5 MB',
      () => ({ hosts: { a: { address: 'x'.repeat(5e6) } } }),
      /because it is longer than 255 characters\.$/,
    ],
    [
      'a framework of 5 MB',
      () => ({ app: { framework: 'd'.repeat(5e6) } }),
      /^tasks\.config\.ts: app\.framework: expected "django"\.$/,
    ],
    [
      '100 000 unknown keys',
      () => Object.fromEntries(Array.from({ length: 1e5 }, (_, at) => [`k${at}`, at])),
      /^(.*\n){20}tasks\.config\.ts: and more of this kind\.$/,
    ],
    [
      'lists 100 000 deep',
      () => JSON.parse(`${'['.repeat(1e5)}${']'.repeat(1e5)}`),
      /^tasks\.config\.ts: expected an object, found a list\.$/,
    ],
    ['a promise', async () => ({}), /^tasks\.config\.ts: expected plain values, found a Promise\.$/],
    [
      'the one name that is none',
      () => JSON.parse('{"hosts":{"__proto__":{"address":"a"}}}'),
      /^tasks\.config\.ts: hosts\.__proto__: cannot be a name\.$/,
    ],
    [
      'a getter that throws',
      () => ({
        get app() {
          throw new Error('not today')
        },
      }),
      /^Cannot read "tasks\.config\.ts", because it throws: not today\.$/,
    ],
    [
      'a number that is none',
      () => ({ hosts: { a: { port: Number.NaN } } }),
      /^tasks\.config\.ts: hosts\.a\.port: expected a number, found NaN\.$/,
    ],
  ])('with %s is refused', (_, make, message) => {
    expect(() => checkedConfig(make(), 'tasks.config.ts')).toThrow(
      expect.objectContaining({ message: expect.stringMatching(message) }),
    )
  })

  it('with 20 000 sites is checked in one go', () => {
    const sites = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, at) => [`s${at}.example.com`, { host: 'web1' }]),
    )
    expect(Object.keys(appOf({ hosts: { web1: {} }, sites })?.sites ?? {})).toHaveLength(20_000)
  })
})

describe('a config file', () => {
  const yamlPiece = fc.oneof(
    fc.constantFrom(
      'hosts:',
      'sites:',
      'app:',
      ' ',
      '  ',
      '\n',
      '- ',
      ': ',
      'web1',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '<<: ',
      '!!js/function ',
      '!!js/undefined ',
      '!!binary ',
      '!x ',
      '---\n',
      '...',
      '|\n',
      '>\n',
      '"',
      "'",
      '#',
      '%YAML 9',
      '\t',
      '~',
      '? ',
      '__proto__',
      '1e999',
      '2001-12-14',
      '\0',
      '\ufeff',
    ),
    hostileWord,
  )
  const jsonPiece = fc.oneof(
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"hosts"',
      '"sites"',
      '"__proto__"',
      '"tasks"',
      '"',
      '\\u0000',
      'null',
      '1e999',
      'true',
      ' ',
      '\n',
      '//',
    ),
    hostileWord.map((word) => JSON.stringify(word)),
  )
  const text = (piece: fc.Arbitrary<string>) => fc.array(piece, { maxLength: 16 }).map((pieces) => pieces.join(''))

  async function read(name: string, kind: ConfigFile['kind'], content: string | Uint8Array): Promise<App | undefined> {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, content)
    try {
      return appOf(await readConfig({ path: file, kind }, { name, load: moduleLoader(async () => ({})) }))
    } catch (error) {
      expectTold(error)
      return undefined
    }
  }

  it.each<['json' | 'yaml', fc.Arbitrary<string | Uint8Array>]>([
    ['json', fc.oneof(text(jsonPiece), config.map(asJson), fc.uint8Array())],
    ['yaml', fc.oneof(text(yamlPiece), config.map(asJson), fc.uint8Array())],
  ])('of %s text of any kind is an app, or is refused in words', async (kind, content) => {
    await fc.assert(
      fc.asyncProperty(content, async (said) => void (await read(`tasks.config.${kind}`, kind, said))),
      { numRuns: 5000 },
    )
  })

  it.each<[ConfigFile['kind'], string]>([
    ['yaml', 'hosts: !!js/function "function () { globalThis.wasRun = true }"\n'],
    ['yaml', '"\\x27); globalThis.wasRun = true; (\\x27": !!js/eval "globalThis.wasRun = true"\n'],
    ['json', '{"hosts": globalThis.wasRun = true}'],
    ['json', '(globalThis.wasRun = true)'],
    ['package', '{"tasks": {"toString": "globalThis.wasRun = true"}}'],
  ])('of data is never run: %s %s', async (kind, content) => {
    await read(`tasks.config.${kind}`, kind, content)
    expect(globalThis).not.toHaveProperty('wasRun')
  })

  it.each([
    ['json', `${'['.repeat(2e6)}`],
    ['yaml', `${'['.repeat(2e5)}`],
    ['yaml', `${'- '.repeat(2e5)}`],
    [
      'yaml',
      `a: &a [x]\n${Array.from({ length: 60 }, (_, at) => `b${at}: &b${at} [${`*${at === 0 ? 'a' : `b${at - 1}`},`.repeat(9)}]\n`).join('')}hosts: *b59\n`,
    ],
    ['yaml', `hosts: "${'x'.repeat(5e6)}"`],
    ['json', `{"hosts": {"${'x'.repeat(5e6)}": 1}}`],
  ] as const)('of %s that is deep or large is refused at once', async (kind, content) => {
    expect(await read(`tasks.config.${kind}`, kind, content)).toBeUndefined()
  })

  it.each([
    'throw undefined',
    'throw null',
    'throw Object.create(null)',
    'throw Symbol("x")',
    'throw { toString() { throw 1 } }',
    'throw new Error("\\u001b[2J repaint\\r")',
    'export default Promise.reject(new Error("not today"))',
    'export default Promise.resolve(new Map())',
    'export default async () => ({})',
    'export default new Proxy({}, { get() { throw 1 }, ownKeys() { throw 2 } })',
    'export default { get hosts() { return this.hosts } }',
    'export default { __proto__: { hosts: 1 } }',
    'export default null',
    'export default "\\ud800"',
    'export const x = 1',
    'const deep = () => deep(); deep()',
    'import "./nowhere.ts"',
    'await import("node:nothing")',
    'export default { hosts: ',
    'enum A { B }; export default A',
    '\0',
  ])('that is a module is refused in words: %s', async (content) => {
    expect(await read(`m${modules++}/tasks.config.ts`, 'module', `${content}\n`)).toBeUndefined()
  })
})

/** As far as JSON can say it. */
function asJson(said: unknown): string {
  try {
    return JSON.stringify(said, (_, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner)) ?? ''
  } catch {
    return '{'
  }
}
