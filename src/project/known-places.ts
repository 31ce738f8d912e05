import type { ChoiceContext } from '../config/choice-context.ts'
import { configName } from '../config/load-app.ts'
import type { App } from '../core/app.ts'
import { isKnownElsewhere } from './known-elsewhere.ts'
import { sandboxHost, sandboxNames } from './sandbox-hosts.ts'

type KnownPlaces = Pick<ChoiceContext, 'configName' | 'sandboxHost' | 'sandboxNames' | 'isKnownElsewhere'>

/** Where hosts are looked for that the config does not have, and what the config is called. */
export function knownPlaces({ configFile }: App, cwd: string): KnownPlaces {
  const name = configFile === undefined ? undefined : configName({ path: configFile }, cwd)
  return { configName: name, sandboxHost, sandboxNames, isKnownElsewhere }
}
