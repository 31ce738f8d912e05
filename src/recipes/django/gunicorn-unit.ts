import type { Step } from '../../core/step.ts'
import { systemdUnit } from '../../steps/systemd-unit.ts'
import type { DjangoRelease } from './release.ts'

/** The unit that runs one release of a site, for every release of it: `gunicorn-SITE@.service`. */
export function gunicornUnit({ site, unitFile, folder }: DjangoRelease): Step {
  return systemdUnit({ name: `gunicorn-${site.name}@.service`, content: unitFile, fill: [folder.home] })
}
