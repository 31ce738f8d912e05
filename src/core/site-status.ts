import type { ListedRelease } from './listed-release.ts'

/** How a site is on its host, as the host itself tells it. What it cannot tell is absent. */
export interface SiteState {
  readonly site: string
  /** What serves; absent where nothing was deployed. */
  readonly release?: ListedRelease
  /** Since when it is what the site serves. ISO 8601. */
  readonly servesSince?: string
  readonly unit?: UnitState
  readonly health: Health
  readonly disk: DiskUse
  /** What nginx shows on port 443 for the site's name; absent where the site has http alone. */
  readonly certificate?: Certificate
}

export interface UnitState {
  /** `gunicorn-staging.example.com@8.service` */
  readonly name: string
  /** systemd's word: `active`, `failed`, … */
  readonly state: string
  /** Since when it is in that state. ISO 8601. */
  readonly since?: string
  readonly startsAtBoot: boolean
  readonly workers?: number
  /** Bytes, of its main process and its workers; what they share counts once. */
  readonly memory?: number
  /** How often systemd had to start it anew since it was started. */
  readonly restarts: number
}

/** Healthy: the release answers on its own socket, and nginx answers with it. Else why not, in one sentence part. */
export type Health = { readonly isHealthy: true } | { readonly isHealthy: false; readonly because: string }

/** Bytes. */
export interface DiskUse {
  /** What the site's folder takes. */
  readonly used?: number
  /** What is free on its file system. */
  readonly free?: number
}

export interface Certificate {
  readonly issuer: string
  /** ISO 8601. */
  readonly expires: string
  /** Whether it is for the site's name. */
  readonly isForSite: boolean
}

/** How far a site is from what a deploy would make of it now: the count of a dry run. */
export type Drift =
  | { readonly kind: 'none' }
  | { readonly kind: 'some'; readonly steps: number }
  | { readonly kind: 'unknown'; readonly because: string }
