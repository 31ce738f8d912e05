import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import vm from 'node:vm'
import { crc32 } from 'node:zlib'

interface Modules {
  /** The folder below which modules are kept. */
  readonly root: string
  /** Where they are kept, for this version of Node alone. */
  readonly folder: string
}

interface Compiled {
  readonly script: vm.Script
  readonly source: Buffer
  readonly place: string
}

/**
 * From here on, a CommonJS module of ours is compiled from what V8 made of the same source before, where that is kept; where not, it is kept when
 * the program ends. For a Node that has no `module.enableCompileCache`.
 */
export function keepModules({ root, folder }: Modules): void {
  const { extensions } = createRequire(import.meta.url)
  const asUsual = extensions['.js'] as (module: NodeJS.Module, file: string) => void
  const anew: Compiled[] = []
  extensions['.js'] = (loaded: NodeJS.Module, file: string) => {
    if (!isOurs(root, file)) return asUsual(loaded, file)
    const source = readFileSync(file)
    const place = path.join(folder, encodeURIComponent(path.relative(root, file)))
    const cachedData = compiledOf(source, place)
    if (cachedData === undefined && imports.test(`${source}`)) return asUsual(loaded, file)
    const script = compile(file, source, cachedData)
    if (cachedData === undefined || script.cachedDataRejected) anew.push({ script, source, place })
    run(script, loaded, file)
  }
  process.once('exit', () => {
    for (const each of anew) keep(each)
  })
}

/** The program's own, and those of the compiler for a project's TypeScript. */
function isOurs(root: string, file: string): boolean {
  return file.endsWith('.cjs') && (file.startsWith(root + path.sep) || /[\\/]node_modules[\\/]jiti[\\/]/.test(file))
}

/** An `import(…)` that is not a method, nor a type in a comment. Of a module that is run from what was kept, V8 no longer knows what it may import. */
const imports = /(?<!\.|async |\{ )\bimport\((?!\))/

function compile(file: string, source: Buffer, cachedData: Buffer | undefined): vm.Script {
  return new vm.Script(`(function (exports, require, module, __filename, __dirname) { ${source}\n})`, {
    filename: file,
    cachedData,
  })
}

function run(script: vm.Script, loaded: NodeJS.Module, file: string): void {
  const body = script.runInThisContext() as (...given: readonly unknown[]) => void
  body.call(loaded.exports, loaded.exports, createRequire(file), loaded, file, path.dirname(file))
}

/*
 * A kept file is the checksum of what was compiled, the source, and what was compiled. V8 itself looks at the source's length alone, and runs
 * whatever follows: of damaged bytes it dies.
 */

const checksumLength = 4

function compiledOf(source: Buffer, place: string): Buffer | undefined {
  const kept = keptAt(place)
  if (kept === undefined || kept.length < checksumLength + source.length) return undefined
  const compiled = kept.subarray(checksumLength + source.length)
  const isOfSource = kept.subarray(checksumLength, checksumLength + source.length).equals(source)
  return isOfSource && crc32(compiled) === kept.readUInt32LE() ? compiled : undefined
}

function keptAt(place: string): Buffer | undefined {
  try {
    return readFileSync(place)
  } catch {
    return undefined
  }
}

/** Whole or not at all; on a full disk, not at all. */
function keep({ script, source, place }: Compiled): void {
  const compiled = script.createCachedData()
  const checksum = Buffer.alloc(checksumLength)
  checksum.writeUInt32LE(crc32(compiled))
  const draft = `${place}.${process.pid}`
  try {
    mkdirSync(path.dirname(place), { recursive: true })
    writeFileSync(draft, Buffer.concat([checksum, source, compiled]))
    renameSync(draft, place)
  } catch {
    discard(draft)
  }
}

function discard(draft: string): void {
  try {
    rmSync(draft, { force: true })
  } catch {
    // A place that cannot be written to has no draft
  }
}
