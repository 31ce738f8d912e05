/** A release as its host tells of it. What a damaged `release.json` does not tell is empty. */
export interface ListedRelease {
  readonly number: number
  /** ISO 8601. */
  readonly when: string
  readonly who: string
  readonly commit: string
  readonly subject: string
  /** `deploy`, `rollback`, `restart` */
  readonly kind: string
  /** With `rollback` and `restart`: the release that it was made from. */
  readonly from?: number
  readonly isCurrent: boolean
  /** It was started and found unhealthy. */
  readonly isBad: boolean
  /** Once the site was switched to it. */
  readonly hasServed: boolean
}
