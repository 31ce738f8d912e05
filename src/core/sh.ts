import { TasksError } from './errors.ts'

/**
 * A piece of POSIX shell text. Only the `sh` tag makes one, so a plain string can never be run by mistake:
 * what is interpolated is always quoted.
 */
export interface Shell {
  readonly kind: 'shell'
  readonly parts: readonly Part[]
  /** See `fromLookups`. */
  readonly isFromLookups?: true
}

/** A value that only the host knows, set by an earlier step; in shell text it becomes the quoted variable that holds it. */
export interface HostValue {
  readonly kind: 'host-value'
  /** `[a-z][a-z0-9_]*`; unique in a program. */
  readonly name: string
}

/** A file that the client provides; in shell text it becomes the path that it has on the host during the run. */
export interface DataPath {
  readonly kind: 'content' | 'secret' | 'stream'
  /** The name of the file on the host: a content's hash, or a name unique in the program. */
  readonly id: string
}

/** What may stand where a shell word stands: a string is quoted, the rest knows how to write itself. */
export type Word = string | number | Shell | HostValue | DataPath

type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'value'; readonly text: string }
  | HostValue
  | DataPath

/**
 * Makes shell text. Every interpolated value becomes exactly one word (a list: one word each); shell text is put in as it is.
 * An interpolation inside quotes is refused, since its own quotes would end them. `\${` writes a literal `${`.
 *
 *     sh`install -d -m ${mode} -- ${path}`
 */
export function sh(strings: TemplateStringsArray, ...values: readonly (Word | readonly Word[])[]): Shell {
  if (values.length === 0) return plainShell(strings)
  const parts = literalsOf(strings).flatMap((text, index): readonly Part[] => {
    const literal: Part = { kind: 'literal', text }
    const value = values[index]
    return value === undefined ? [literal] : [literal, ...partsOf(value)]
  })
  return { kind: 'shell', parts }
}

/** Nothing in it can be refused, so it is read when it is needed: a start makes many of which it runs few. */
function plainShell(strings: TemplateStringsArray): Shell {
  return {
    kind: 'shell',
    get parts(): readonly Part[] {
      return literalsOf(strings).map((text) => ({ kind: 'literal', text }))
    },
  }
}

/** A template is the same object each time that its code is run. */
const knownLiterals = new WeakMap<TemplateStringsArray, readonly string[]>()

function literalsOf(strings: TemplateStringsArray): readonly string[] {
  const known = knownLiterals.get(strings)
  if (known) return known
  const literals = dedent(strings.raw.map((text) => text.replaceAll('\\${', '${').replaceAll('\\`', '`')))
  refuseInsideQuotes(literals)
  knownLiterals.set(strings, literals)
  return literals
}

/** Shell text from text that is known to be shell: a file of our own, or what a person wrote to be run. Never from data. */
export function rawShell(text: string): Shell {
  return { kind: 'shell', parts: [{ kind: 'literal', text }] }
}

/**
 * Text that is nothing but calls of functions which, where ONLY_KNOWN is set, say yes or no from what was looked up: they start nothing, touch no
 * file, print nothing and set no variable but their own. A check that is such a text needs no shell of its own where what was looked up says yes.
 */
export function fromLookups(shell: Shell): Shell {
  return { ...shell, isFromLookups: true }
}

/** Joins pieces of shell text with a separator that is shell text too (a newline where none is given). */
export function joinShell(pieces: readonly Shell[], separator = '\n'): Shell {
  const between: Part = { kind: 'literal', text: separator }
  return {
    kind: 'shell',
    parts: pieces.flatMap((piece, index) => (index === 0 ? piece.parts : [between, ...piece.parts])),
  }
}

/** The one quoting function: a word that any POSIX shell reads back as exactly this text. NUL cannot be in a word. */
export function quote(text: string): string {
  if (text.includes('\0')) {
    throw new TasksError({
      code: 'config',
      message: `Cannot use ${JSON.stringify(text)} as a shell word, because it contains a NUL character.`,
    })
  }
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** The text that goes over the wire. */
export function shellText(shell: Shell): string {
  return shell.parts.map(partText).join('')
}

/** The same text for people: host values as `<name>`, data as its kind. Must never be run. */
export function describe(word: Word | readonly Word[]): string {
  return partsOf(word)
    .map((part) => {
      if (part.kind === 'literal' || part.kind === 'value') return part.text
      return part.kind === 'host-value' ? `<${part.name}>` : `<${part.kind}>`
    })
    .join('')
}

/** Each host value and each piece of data that the text uses, once. */
export function referencesOf(shell: Shell): readonly (HostValue | DataPath)[] {
  const named = shell.parts.filter((part) => part.kind !== 'literal' && part.kind !== 'value')
  return [...new Map(named.map((part) => [part.kind === 'host-value' ? `$${part.name}` : part.id, part])).values()]
}

function partText(part: Part): string {
  switch (part.kind) {
    case 'literal':
      return part.text
    case 'value':
      return quote(part.text)
    case 'host-value':
      return `"$v_${part.name}"`
    default:
      return `"$DATA/${part.id}"`
  }
}

function partsOf(value: Word | readonly Word[]): readonly Part[] {
  if (typeof value === 'string' || typeof value === 'number') return [{ kind: 'value', text: String(value) }]
  if (isList(value))
    return joinShell(
      value.map((word) => ({ kind: 'shell', parts: partsOf(word) })),
      ' ',
    ).parts
  return value.kind === 'shell' ? value.parts : [value]
}

function isList(value: Word | readonly Word[]): value is readonly Word[] {
  return Array.isArray(value)
}

/** Takes away the indentation that a template has only because it stands in indented code. */
function dedent(literals: readonly string[]): readonly string[] {
  const first = literals[0] ?? ''
  if (!first.startsWith('\n')) return literals
  const indents = literals.flatMap((text) =>
    [...text.matchAll(/\n([ \t]*)(?=[^\s])/g)].map((match) => match[1]?.length ?? 0),
  )
  const depth = indents.length === 0 ? 0 : Math.min(...indents)
  const shorter = literals.map((text) => text.replace(new RegExp(`\\n[ \\t]{0,${depth}}`, 'g'), '\n'))
  return shorter.map((text, index) => {
    const started = index === 0 ? text.slice(1) : text
    return index === shorter.length - 1 ? started.trimEnd() : started
  })
}

function refuseInsideQuotes(literals: readonly string[]): void {
  let state: QuoteState = ''
  for (const literal of literals.slice(0, -1)) {
    state = quoteStateAfter(literal, state)
    if (state !== '') {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: that is what is written
      const text = JSON.stringify(literals.join('${…}'))
      throw new TypeError(`A value is interpolated inside quotes in the shell text ${text}: take the quotes away.`)
    }
  }
}

type QuoteState = '' | "'" | '"'

function quoteStateAfter(text: string, from: QuoteState): QuoteState {
  let state = from
  for (let index = 0; index < text.length; index++) {
    const char = text[index]
    if (char === '\\' && state !== "'") index++
    else if (char === '#' && state === '' && /^$|\s/.test(text[index - 1] ?? '')) index = endOfLine(text, index)
    else if (char === "'" || char === '"') state = state === '' ? char : state === char ? '' : state
  }
  return state
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}
