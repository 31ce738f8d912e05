import { printableLine } from './printable.ts'

/** `$ uname -a`, cut where it is longer than a line. */
export function commandWords({ command }: { readonly command: string }): string {
  const line = printableLine(command)
  return `$ ${line.length > 100 ? `${line.slice(0, 99)}…` : line}`
}
