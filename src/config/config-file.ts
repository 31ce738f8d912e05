/** A config file that was found, and not yet read: reading one may run code and load a compiler. */
export interface ConfigFile {
  readonly path: string
  readonly kind: 'module' | 'json' | 'yaml' | 'package'
}

/** Names that are a module, the first one first; then all others where a config may be. */
export const moduleNames = ['ts', 'mts', 'js', 'mjs'].map((ending) => `tasks.config.${ending}`)
export const otherNames = [
  ...['json', 'yaml'].map((ending) => `tasks.config.${ending}`),
  ...['', '.json', '.yaml'].map((ending) => `.tasksrc${ending}`),
  'package.json',
]
