import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: ['src/index.ts', 'src/cli/main.ts', 'src/sandbox/index.ts', 'tasks/*.ts'],
  root: '.',
  outDir: 'dist',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  unbundle: true,
  dts: true,
  fixedExtension: false,
  // Read at run time as `new URL('./attach.sh', import.meta.url)`: they lie beside the modules as they do in the sources.
  copy: [{ from: ['src/**/*.{sh,py}'], to: 'dist/src', flatten: false }],
})
