import { mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Secret } from '../../src/core/data.ts'
import { sh } from '../../src/core/sh.ts'
import { hostValue, type Step, step } from '../../src/core/step.ts'
import { previousNumber, type Release, releaseNumber } from '../../src/steps/release.ts'
import { siteFolder } from '../../src/steps/site-layout.ts'

export const site = 'example.com'
export const me = userInfo().username

/** A site whose home is a folder of the test's, and its release. */
export function releaseOf({
  stage,
  identity = 'same',
}: {
  readonly stage?: Secret
  readonly identity?: string
} = {}): Release {
  const place = siteFolder({ site, user: me, home: hostValue('home') })
  return {
    site: { name: site, host: 'here', aliases: [] },
    folder: place,
    number: releaseNumber,
    previous: previousNumber,
    path: sh`${place.path}/releases/${releaseNumber}`,
    identity: sh`${identity}`,
    unit: sh`gunicorn-${site}@${releaseNumber}.service`,
    virtualenvName: sh`wanted`,
    commit: { id: 'c', subject: 's', ref: 'r' },
    environment: { computed: { SITENAME: site }, keyNames: ['DJANGO_SECRET_KEY'], stage },
    story: { site, who: `me@here "and you"` },
  }
}

/** The steps that set what only a host knows. */
export function valuesAt(folder: string, number?: number): readonly Step[] {
  const home = step({ name: 'home', title: 'home', as: me, value: hostValue('home'), check: sh`printf %s ${folder}` })
  if (number === undefined) return [home]
  return [home, step({ name: 'number', title: 'number', as: me, value: releaseNumber, check: sh`printf %s ${number}` })]
}

/** The site's folder, made. */
export function siteIn(folder: string): string {
  const place = join(folder, 'sites', site)
  mkdirSync(place, { recursive: true })
  return place
}
