import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { program } from './cli/command-line.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = [
  'README.md',
  'examples/README.md',
  'examples/own-task/README.md',
  ...readdirSync(path.join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
]
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

describe.each(pages)('%s', (page) => {
  it('links to what is there', () => {
    expect(linksOf(page).filter((link) => !leadsSomewhere(page, link))).toEqual([])
  })

  it('names only files that the repository has', () => {
    const named = [
      ...withoutBlocks(read(page)).matchAll(
        /`((?:src|tasks|test|deploy_tools|docs|examples|scripts|bench)\/[\w./-]+)`/g,
      ),
    ]
    const isThere = (file: string) =>
      [root, path.join(root, path.dirname(page))].some((folder) => existsSync(path.join(folder, file)))
    expect(named.flatMap(([, file = '']) => (isThere(file) ? [] : file))).toEqual([])
  })

  it('shows only commands and flags that exist', () => {
    expect(commandsOf(page).flatMap(unknownWords)).toEqual([])
  })
})

describe('docs', () => {
  it('are each found from the README', () => {
    const linked = linksOf('README.md').map((link) => path.posix.normalize(link.replace(/#.*/, '')))
    expect(pages.filter((page) => page.startsWith('docs/') && !linked.includes(page))).toEqual([])
  })

  it('begin with something to run', () => {
    const blocks = pages
      .filter((page) => page.startsWith('docs/') && page !== 'docs/config.md')
      .map((page) => [page, read(page).split('\n\n')[1]] as const)
    expect(blocks.flatMap(([page, block]) => (block?.startsWith('    ') ? [] : page))).toEqual([])
  })
})

describe('README.md', () => {
  it('has fewer than 200 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThan(200)
  })
})

describe('docs/from-fabric.md', () => {
  it('names tests that there are', () => {
    const named = testsNamedIn('docs/from-fabric.md')
    expect(named.length).toBeGreaterThan(40)
    const missing = named.filter(
      ([file, title]) => !existsSync(path.join(root, file)) || !read(file).replaceAll("\\'", "'").includes(title),
    )
    expect(missing).toEqual([])
  })
})

describe('docs/troubleshooting.md', () => {
  const messages = [...read('docs/troubleshooting.md').matchAll(/^\*\*`(.+)`\*\*$/gm)].map(
    ([, message = '']) => message,
  )

  it('quotes messages that the program has', () => {
    expect(messages.length).toBeGreaterThan(100)
    const sources = sourceTexts()
    expect(
      messages.filter(
        (message) => !fragments(message).every((fragment) => sources.some((text) => text.includes(fragment))),
      ),
    ).toEqual([])
  })

  it('quotes each once', () => {
    expect(messages.filter((message, index) => messages.indexOf(message) !== index)).toEqual([])
  })
})

let helps: ReadonlyMap<string, string>

beforeAll(() => {
  const cwd = path.join(root, 'examples/own-task')
  const help = (...words: readonly string[]) =>
    execFileSync(process.execPath, [program, ...words, '--help'], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, TASKS_DEV: '1' },
    })
  const commands = [
    'provision',
    'deploy',
    'verify',
    'releases',
    'rollback',
    'restart',
    'status',
    'copies',
    'runs',
    'exec',
    'list',
    'graph',
    'attach',
    'init',
    'doctor',
    'docs',
    'report',
    'completion',
    'sandbox',
    'sandbox up',
    'sandbox list',
    'sandbox ssh',
    'sandbox down',
  ]
  helps = new Map(commands.map((command) => [command, help(...command.split(' '))]))
})

/** Command lines in code blocks: `tasks …`, also behind a prompt or `npx`. */
function commandsOf(page: string): readonly string[] {
  return blocksOf(read(page)).flatMap((line) => /^(?:\$ )?(?:npx )?tasks ([^|<>#;…]*)/.exec(line)?.[1]?.trim() ?? [])
}

/** What of a command line its help does not know. */
function unknownWords(command: string): readonly string[] {
  const [first = '', second = ''] = command.split(' ')
  if (first.startsWith('--') || first === 'help') return []
  const name = first === 'sandbox' ? `${first} ${second}` : first
  const help = helps.get(name)
  if (help === undefined) return [`${command}: no such command`]
  const flags = command.split(' ').filter((word) => word.startsWith('--'))
  return flags.filter((flag) => !new RegExp(`^ .*${flag}\\b`, 'm').test(help)).map((flag) => `${command}: ${flag}`)
}

function blocksOf(text: string): readonly string[] {
  const fenced = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.split('\n'))
  const indented = text.split('\n').flatMap((line) => /^ {4}(\S.*)$/.exec(line)?.[1] ?? [])
  return [...fenced, ...indented]
}

function withoutBlocks(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '')
}

/** `test/run/graph.test.ts: does what …`: the file of a table's last column, and the words of a title in it. */
function testsNamedIn(page: string): readonly (readonly [file: string, title: string])[] {
  const cells = read(page).matchAll(/\| (test\/[\w/.-]+\.ts): (.*) \|$/gm)
  return [...cells].map(([, file = '', title = '']) => [file, title] as const)
}

function linksOf(page: string): readonly string[] {
  return [...withoutBlocks(read(page)).matchAll(/\]\(([^)]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link))
}

function leadsSomewhere(page: string, link: string): boolean {
  const [file = '', anchor] = link.split('#')
  const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file)
  if (!existsSync(path.join(root, target))) return false
  return anchor === undefined || headingsOf(target).includes(anchor)
}

/** Headings as the forges make anchors of them. */
function headingsOf(page: string): readonly string[] {
  const headings = [...withoutBlocks(read(page)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

/** The fixed parts of a message, without the quotes that may be written in many ways around a value. */
function fragments(message: string): readonly string[] {
  return message
    .split('…')
    .map((part) => part.replace(/^"|"$/g, '').trim())
    .map((part) => part.replace(/^[.:,()]+|[.:,()]+$/g, '').trim())
    .filter((part) => part.length > 2)
}

function sourceTexts(): readonly string[] {
  const files = execFileSync('git', ['ls-files', 'src', 'tasks'], { cwd: root, encoding: 'utf8' }).split('\n')
  return files
    .filter((file) => file.endsWith('.ts') && existsSync(path.join(root, file)))
    .map((file) => read(file).replaceAll("\\'", "'"))
}
