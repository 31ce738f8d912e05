import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { defineConfig, type Rolldown } from 'tsdown'

// Few files: of three hundred small ones, opening and linking takes longer than running them.
export default defineConfig({
  entry: [
    'src/door.ts',
    'src/index.ts',
    'src/cli/main.ts',
    'src/sandbox/index.ts',
    'src/testing/index.ts',
    'tasks/*.ts',
  ],
  root: '.',
  outDir: 'dist',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  dts: true,
  fixedExtension: false,
  // Libraries too, but those that are needed seldom, and what libraries look for and do well without
  deps: {
    alwaysBundle: /^(?!node:)[a-z@]/,
    neverBundle: /^(jiti|inquirer|cpu-features|chokidar|typescript)$|\.node$/,
    onlyBundle: false,
  },
  // One library built by a compiler for the web asks where it lies, and reads nothing there
  define: { __dirname: '"."' },
  outputOptions: {
    chunkFileNames: 'src/parts/[name]-[hash].js',
    // What both a command and a program load would be a file for each way in which it is shared
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        {
          name: 'tasks',
          test: /src[\\/](project[\\/](chain|task-list|built-in-tasks)|run[\\/]graph|render[\\/]printable)\.ts$/,
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
    { from: ['src/**/*.{sh,py,css}'], to: 'dist/src', flatten: false },
    // Its comments are the words of `tasks docs`.
    { from: 'src/config/config.ts', to: 'dist/src/config' },
  ],
  plugins: [ownUrls(), withoutUnused(), licenses()],
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
        return `new URL(${JSON.stringify(relative(dirname(fileName), path))}, import.meta.url).href`
      })
    },
  }
}

/** Of the SSH library, agents for HTTP through SSH: nobody here uses them, and they load all that speaks TLS. */
function withoutUnused(): Rolldown.Plugin {
  return {
    name: 'without-unused',
    load(id) {
      return /[\\/]ssh2[\\/]lib[\\/]http-agents\.js$/.test(id) ? 'module.exports = {}' : undefined
    },
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
