import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { defineConfig, type Rolldown } from 'tsdown'

// Few files: of three hundred small ones, opening and linking takes longer than running them.
export default defineConfig({
  entry: [
    'src/door.ts',
    'src/index.ts',
    'src/cli/keep-compiled.ts',
    'src/cli/main.ts',
    'src/sandbox/index.ts',
    'src/testing/index.ts',
    'tasks/*.ts',
  ],
  root: '.',
  outDir: 'dist',
  // Node links a CommonJS module in a fraction of the time that an ES module takes it, and those who write ES modules import either
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  dts: true,
  // Libraries too, but those that are needed seldom, and what libraries look for and do well without
  deps: {
    alwaysBundle: /^(?!node:)[a-z@]/,
    neverBundle: /^(jiti|inquirer|cpu-features|chokidar|typescript)$|\.node$/,
    onlyBundle: false,
  },
  inputOptions: { preserveEntrySignatures: 'allow-extension' },
  outputOptions: {
    chunkFileNames: 'src/parts/[name]-[hash].cjs',
    // What both a command and a program load would be a file for each way in which it is shared
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        // Not for declarations, whose files have names of their own
        { name: 'steps', test: /src[\\/](core|steps|recipes|source|config[\\/]names)([\\/].*)?(?<!\.d)\.ts$/ },
        {
          name: 'tasks',
          test: /src[\\/](project[\\/](chain|task-list|built-in-tasks)|config[\\/](find|config-file|suggestion|own-tasks|read|load-module)|run[\\/]graph|render[\\/]printable)\.ts$/,
        },
        {
          name: 'project',
          test: /src[\\/](project[\\/][\w-]+|config[\\/](address|choose|choice-[\w-]+|check|complete-app|load-app|strange-values))\.ts$/,
        },
        { name: 'outlet', test: /src[\\/](render[\\/](words|json|style)|cli[\\/]outlet)\.ts$/ },
      ],
    },
  },
  copy: [
    { from: ['src/**/*.{sh,bash,zsh,fish,py,css}'], to: 'dist/src', flatten: false },
    // Its comments are the words of `tasks docs`.
    { from: 'src/config/config.ts', to: 'dist/src/config' },
  ],
  plugins: [ownUrls(), lateBuiltins(), withoutUnused(), licenses()],
})

/** A module goes on finding what lies beside its source, as `new URL('./attach.sh', import.meta.url)`, whatever file it ends up in. */
function ownUrls(): Rolldown.Plugin {
  const mark = (path: string) => `ownUrl(${JSON.stringify(path)})`
  return {
    name: 'own-urls',
    transform(code, id) {
      if (!id.startsWith(import.meta.dirname) || /[\\/]node_modules[\\/]/.test(id)) return undefined
      return code.replaceAll('import.meta.url', mark(relative(import.meta.dirname, id)))
    },
    renderChunk(code, { fileName }) {
      return code.replace(/ownUrl\("([^"]+)"\)/g, (_, path: string) => {
        return `require("node:url").pathToFileURL(require("node:path").join(__dirname, ${JSON.stringify(relative(dirname(fileName), path))})).href`
      })
    },
  }
}

/** Of Node's own modules, those that it does not have at hand are loaded where they are first used: a list of tasks opens no socket. */
function lateBuiltins(): Rolldown.Plugin {
  const whole =
    /^\s*(?:const|let) ([\w$]+) = (?:__importDefault\()?require\("(?:node:)?(child_process|crypto|dns\/promises|fs\/promises|net|zlib)"\)+;\n/gm
  return {
    name: 'late-builtins',
    renderChunk(code) {
      const found = [...code.matchAll(whole)]
      const without = code.replace(whole, '')
      return found.reduce((text, [, name = '', builtin]) => {
        const uses = new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}(?:\\.default)?(?=\\.)`, 'g')
        return text.replace(uses, () => `require("node:${builtin}")`)
      }, without)
    },
  }
}

/**
 * Of the SSH libraries, what nobody here uses, and each connection would wait for: SFTP and what walks folders for it, a server, agents for
 * HTTP, and that a host proves its other keys. What opens a key with a passphrase is loaded with the first such key.
 */
function withoutUnused(): Rolldown.Plugin {
  const unused = [
    { path: /[\\/]ssh2[\\/]lib[\\/](http-agents|keygen|server)\.js$/, instead: 'module.exports = {}' },
    { path: /[\\/]ssh2[\\/]lib[\\/]protocol[\\/]SFTP\.js$/, instead: 'exports.SFTP = class {}' },
    { path: /[\\/](make-dir|is-stream)[\\/]index\.js$/, instead: 'module.exports = {}' },
    {
      path: /[\\/]sb-(promise-queue|scandir)[\\/].*\.mjs$/,
      instead: 'export default undefined\nexport const PromiseQueue = undefined',
    },
  ]
  const otherwise = [
    {
      found: "const bcrypt_pbkdf = require('bcrypt-pbkdf').pbkdf;",
      instead: "const bcrypt_pbkdf = (...given) => require('bcrypt-pbkdf').pbkdf(...given);",
    },
    { found: /hostKeysProve\(this, data, \(err, keys\) => \{[^}]*\}\);/, instead: '' },
  ]
  return {
    name: 'without-unused',
    load: (id) => unused.find(({ path }) => path.test(id))?.instead,
    transform: (code, id) =>
      /[\\/]ssh2[\\/]lib[\\/]/.test(id)
        ? otherwise.reduce((text, { found, instead }) => text.replace(found, () => instead), code)
        : undefined,
  }
}

/** Beside the libraries' code, what their authors ask for: each one's licence, in `licenses`. */
function licenses(): Rolldown.Plugin {
  return {
    name: 'licenses',
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []))
      const folders = modules.flatMap((id) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0] ?? [])
      for (const folder of new Set(folders)) {
        const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
        const fileName = `licenses/${manifest.name.replace('/', '-')}`
        this.emitFile({ type: 'asset', fileName, source: licenseIn(folder, manifest) })
      }
    },
  }
}

/** One library has but the word in its manifest. */
function licenseIn(folder: string, { name, license, author }: Readonly<Record<string, unknown>>): string {
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  return file === undefined
    ? `${name}: ${license}\n${JSON.stringify(author)}\n`
    : readFileSync(join(folder, file), 'utf8')
}
