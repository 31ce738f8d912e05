'use strict'

const { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs')
const { dirname, join, relative } = require('node:path')
const { Script, constants } = require('node:vm')

/**
 * What `module.enableCompileCache` does from Node 22.1 on, for the modules below `root` whose names end in `.cjs`: what V8 made of a module is
 * kept in `folder` when the program ends, and taken from there at the next start by the same Node while the module's source is the same.
 */
exports.keepCompiled = ({ root, folder }) => {
  const kept = join(folder, `${process.version}-${process.arch}`)
  const fresh = []
  require.extensions['.cjs'] = (module_, file) => {
    if (!file.startsWith(root)) return require.extensions['.js'](module_, file)
    const source = readFileSync(file)
    const place = join(kept, encodeURIComponent(relative(root, file)))
    const cachedData = compiledOf(source, place)
    const script = new Script(`(function (exports, require, module, __filename, __dirname) { ${source}\n})`, {
      filename: file,
      cachedData,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    })
    if (cachedData === undefined || script.cachedDataRejected) fresh.push({ script, source, place })
    const inner = (id) => module_.require(id)
    script.runInThisContext().call(module_.exports, module_.exports, inner, module_, file, dirname(file))
  }
  process.once('exit', () => {
    for (const each of fresh) keep(each)
  })
}

function compiledOf(source, place) {
  let found
  try {
    found = readFileSync(place)
  } catch {
    return undefined
  }
  return found.subarray(0, source.length).equals(source) ? found.subarray(source.length) : undefined
}

function keep({ script, source, place }) {
  const draft = `${place}.${process.pid}`
  try {
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(draft, Buffer.concat([source, script.createCachedData()]))
    renameSync(draft, place)
  } catch {
    rmSync(draft, { force: true })
  }
}
