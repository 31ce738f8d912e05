import type { ConfigInput } from './schema.ts'

/** Gives an editor the config's types; what it returns is what it was given. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config
}
