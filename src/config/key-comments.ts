import { readFileSync } from 'node:fs'

/** The comment of each key of the config, by what it is a key of: `host.port`; those of the config itself as `config.hosts`. */
export function keyComments(): ReadonlyMap<string, string> {
  const text = readFileSync(new URL('./config.ts', import.meta.url), 'utf8')
  return new Map(
    [...text.matchAll(interfaces)].flatMap(([, name = '', body = '']) => {
      const owner = name.replace(/(?<=.)Config$/, '').toLowerCase()
      return [...body.matchAll(members)].map(([, comment = '', key = '']) => [`${owner}.${key}`, oneLine(comment)])
    }),
  )
}

const interfaces = /^export interface (\w+) \{\n(.*?)^\}/gms
const members = /\/\*\*(.*?)\*\/\s*readonly (\w+)/gs

function oneLine(comment: string): string {
  return comment
    .replace(/\n\s*\*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}
