import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'

/** A folder with every kind of thing and name that a folder can have; how many files and links are in it. */
export function hostileFolder(folder: string): number {
  let count = 0
  const at = (name: string | Buffer) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)])
  const file = (name: string | Buffer, text = '', mode = 0o644) => {
    writeFileSync(at(name), text)
    chmodSync(at(name), mode)
    utimesSync(at(name), 1_700_000_000, 1_600_000_000)
    count++
  }
  const link = (target: string, name: string) => {
    symlinkSync(target, at(name))
    count++
  }
  mkdirSync(folder)
  for (let byte = 1; byte < 256; byte++) if (byte !== 47) file(Buffer.of(110, byte, 109), `${byte}`)
  for (const name of ['-rf', '--exclude=*', '.env', ' ', 'a\n', "it's", '$(id)', 'ü', 'x'.repeat(255)]) file(name, name)
  file(Buffer.alloc(255, 0xff), 'not text')
  file('script', '#!/bin/sh\n', 0o755)
  file('secret', 'secret', 0o600)
  file('closed', 'closed', 0o400)
  file('large', 'x'.repeat(1_234_567))
  link('.env', 'link')
  link('/nowhere/at all', 'dangling')
  link(`${'d/'.repeat(100)}e`, 'long link')
  for (const name of ['empty', '.hidden', 'closed folder']) mkdirSync(at(name))
  let deep = 'deep'
  for (let depth = 0; depth < 12; depth++) {
    mkdirSync(at(deep))
    file(`${deep}/${'f'.repeat(90)}`, 'deep')
    deep = `${deep}/${'d'.repeat(100)}`
  }
  file('.hidden/file')
  file('closed folder/file')
  chmodSync(at('closed folder'), 0o555)
  chmodSync(at('empty'), 0o1777)
  chmodSync(at('empty'), 0o750)
  chmodSync(folder, 0o710)
  return count
}
