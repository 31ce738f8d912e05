import type { Config } from './config.ts'

/** Gives an editor the config's types; what it returns is what it was given. */
export function defineConfig(config: Config): Config {
  return config
}
