import { printable } from '../printable.ts'

/** HTML text. Only `html` makes it, so what is interpolated is always made harmless. */
export interface Html {
  readonly kind: 'html'
  readonly text: string
}

export type Part = string | number | Html | undefined | readonly Part[]

/**
 * Makes HTML text. A string that is interpolated shows as it is, whatever markup is in it, and stays in its element or in its quoted
 * attribute; escape sequences and marks that turn the direction of writing are gone or spelled out. Nothing stands for `undefined`.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = strings.map((literal, index) => literal + partText(parts[index])).join('')
  return { kind: 'html', text }
}

function partText(part: Part): string {
  if (part === undefined) return ''
  if (typeof part === 'number') return String(part)
  if (typeof part === 'string') return printable(part).replace(/[&<>"']/g, (char) => entities[char] ?? char)
  return 'kind' in part ? part.text : part.map(partText).join('')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
