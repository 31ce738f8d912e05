/** A text of fewer characters is not hidden: it would hide half of every output, and is guessed sooner than read. */
const shortestHidden = 4

/** What stands in configurations everywhere, and tells nothing. */
const openWords = new Set(['true', 'false', 'none', 'null', 'localhost', 'debug', 'info', 'warning', 'error'])

/** The most that is looked for in one piece. A longer value is looked for in parts, since what prints it may cut it. */
const longestPiece = 400
const pieceLength = 100

/**
 * Every text that gives one of these values away, the longest first, so that a value inside another leaves no remainder: the value itself;
 * passwords of the URLs in it, and the texts of the JSON that it is; each of them as it is quoted by JSON, Python, URLs, HTML and shells.
 * A value of several lines is taken line by line, since outputs come in lines. No text has a line break.
 */
export function hiddenTexts(values: readonly string[]): readonly string[] {
  const texts = values
    .flatMap((value) => [value, ...insideOf(value)])
    .flatMap((value) => value.split(/[\r\n]+/))
    .map((line) => line.trim())
    .filter(isHidden)
    .flatMap(formsOf)
    .flatMap(piecesOf)
  return [...new Set(texts)].sort((one, other) => other.length - one.length)
}

function isHidden(text: string): boolean {
  return text.length >= shortestHidden && !openWords.has(text.toLowerCase())
}

/** What a program takes out of a value and prints by itself. */
function insideOf(value: string): readonly string[] {
  return [...passwordsIn(value), ...textsIn(jsonOf(value))]
}

/** As URLs should have them, and as people write them: with an @ or a slash in it, and in a list of URLs. */
function passwordsIn(value: string): readonly string[] {
  const found = [/:\/\/[^:/?#@\s]*:([^@/\s]+)@/g, /:\/\/[^:/?#@\s]*:(.+)@/g].flatMap((pattern) => [
    ...value.matchAll(pattern),
  ])
  return found.flatMap(([, password = '']) => [password, decoded(password)])
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function jsonOf(value: string): unknown {
  if (!/^\s*[[{]/.test(value)) return undefined
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

function textsIn(json: unknown): readonly string[] {
  const texts: string[] = []
  const left = [json]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === 'string') texts.push(value)
    else if (typeof value === 'object' && value !== null) left.push(...Object.values(value))
  }
  return texts
}

function formsOf(text: string): readonly string[] {
  const url = urlEncoded(text)
  const once = backslashed(text)
  return [
    text,
    ...once,
    // What one program said, as another tells it: an exception's words in a line of JSON.
    ...once.flatMap(backslashed),
    ...[url, url.replaceAll('%2F', '/'), url.replaceAll('%20', '+'), urlEncoded(text, /[!'()*]/)],
    ...["'\\''", `'"'"'`].map((quote) => text.replaceAll("'", quote)),
    text.replace(/[&<>"']/g, (char) => htmlEntities[char] ?? char),
  ]
}

/** Without the quotes around it: as JSON has it, and as Python's repr and ascii. */
function backslashed(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1)
  const python = text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t')
  const all = [
    ...[json, json.replace(/[^ -~]/g, utf16Escape)],
    ...[python, python.replaceAll("'", "\\'")].flatMap((form) => [
      form.replace(/(?! )[\p{C}\p{Z}]/gu, pythonEscape),
      form.replace(/[^ -~]/gu, pythonEscape),
    ]),
  ]
  return [...new Set(all)]
}

const htmlEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
}

function utf16Escape(unit: string): string {
  return `\\u${hex(unit.charCodeAt(0), 4)}`
}

function pythonEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (code <= 0xff) return `\\x${hex(code, 2)}`
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0')
}

/** As Python's `quote` writes it, but for the characters that are to be left as they are. */
function urlEncoded(text: string, left = /(?!)/): string {
  return Array.from(text, (char) => (/[\w.~-]/.test(char) || left.test(char) ? char : percent(char))).join('')
}

function percent(char: string): string {
  return Array.from(new TextEncoder().encode(char), (byte) => `%${hex(byte, 2).toUpperCase()}`).join('')
}

/** Of one length, so that the last is not too short to be hidden. */
function piecesOf(text: string): readonly string[] {
  if (text.length <= longestPiece) return [text]
  const length = Math.ceil(text.length / Math.ceil(text.length / pieceLength))
  return text.match(new RegExp(`.{1,${length}}`, 'gsu')) ?? []
}
