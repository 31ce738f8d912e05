import type { Step } from '../../core/step.ts'
import { daemonReload, systemdUnit } from '../../steps/systemd-unit.ts'
import type { DjangoRelease } from './release.ts'

/**
 * systemd knows how to run any release of a site, `gunicorn-SITE@8.service`, and the site by its name, `gunicorn-SITE.service`.
 */
export function gunicornUnits({ site, unitFile, siteUnitFile, folder }: DjangoRelease): readonly Step[] {
  const units = [
    systemdUnit({ name: `gunicorn-${site.name}@.service`, content: unitFile, fill: [folder.home] }),
    systemdUnit({ name: `gunicorn-${site.name}.service`, content: siteUnitFile, fill: [folder.home] }),
  ]
  return [...units, daemonReload({ after: units })]
}
