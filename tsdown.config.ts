import { dirname, relative } from 'node:path'
import { defineConfig, type Rolldown } from 'tsdown'

// Few files: of three hundred small ones, opening and linking takes longer than running them.
export default defineConfig({
  entry: ['src/index.ts', 'src/cli/main.ts', 'src/sandbox/index.ts', 'tasks/*.ts'],
  root: '.',
  outDir: 'dist',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  dts: true,
  fixedExtension: false,
  // Of zod, what is used: as a package it loads fifty languages at each start.
  deps: { alwaysBundle: [/^zod(\/|$)/] },
  outputOptions: { chunkFileNames: 'src/parts/[name]-[hash].js' },
  copy: [
    { from: ['src/**/*.{sh,py,css}'], to: 'dist/src', flatten: false },
    { from: 'node_modules/zod/LICENSE', to: 'dist/licenses', rename: 'zod' },
  ],
  plugins: [ownUrls()],
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
