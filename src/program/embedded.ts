import type { Data } from '../core/data.ts'

/**
 * The shell function that lays a program's files into a folder, for a script that is run by hand: texts to be read as they are,
 * the rest in base64. Names the files that it has to leave out.
 */
export function embeddedFiles(data: readonly Data[], files: ReadonlyMap<string, Uint8Array>): string {
  const leftOut = data.filter(({ id }) => !files.has(id)).map(({ id }) => id)
  const laid = [...files].map(([id, bytes]) => laidOut(id, bytes))
  return ['# ── The files that steps read.', `LEFT_OUT='${leftOut.join(' ')}'`, 'embedded() {', ':', ...laid, '}'].join(
    '\n',
  )
}

function laidOut(id: string, bytes: Uint8Array): string {
  const end = `END_OF_${id.slice(0, 12).replace(/[^A-Za-z0-9]/g, '_')}`
  const text = plainText(bytes)
  if (text?.endsWith('\n') && !text.split('\n').includes(end))
    return `cat >"$1/${id}" <<'${end}'\n${text}${end}\nchmod 644 "$1/${id}"`
  const lines = Buffer.from(bytes)
    .toString('base64')
    .replace(/.{1,120}/g, '$&\n')
  return `base64 -d >"$1/${id}" <<'${end}'\n${lines}${end}\nchmod 644 "$1/${id}"`
}

/** The text that the bytes are, if a shell's here-document brings it over unchanged. */
function plainText(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString('utf8')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const isPlain = Buffer.from(text).equals(Buffer.from(bytes)) && !/[\0-\x08\x0b-\x1f\x7f]/.test(text)
  return isPlain ? text : undefined
}
