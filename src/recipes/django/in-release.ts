import { type Shell, sh, type Word } from '../../core/sh.ts'
import type { Release } from '../../steps/release.ts'

/** How a command of the project is run in a release. */
export interface Surroundings {
  readonly release: Release
  /** manage.py's folder in the source. */
  readonly directory: string
  /** Whether the settings overlay is in force. */
  readonly hasOverlay: boolean
}

/** Shell text that runs a command as the release's processes run: same folder, same environment and nothing of ours. Uses `releaseFunctions`. */
export function inRelease({ release, directory, hasOverlay }: Surroundings, command: readonly Word[]): Shell {
  const overlay = hasOverlay ? sh`${release.path}/overlay` : ''
  return sh`in_release ${release.path} ${directory} ${overlay} ${command}`
}

export const releaseFunctions = sh`
in_release() ( # RELEASE DIRECTORY OVERLAY COMMAND …
  cd -- "$1/source/$2"
  release=$1 overlay=$3
  shift 3
  set -- sh -c 'set -a; . "$0"; set +a; exec "$@"' "$release/env" "$@"
  [ -z "$overlay" ] || set -- PYTHONPATH="$overlay" "$@"
  exec env -i HOME="$HOME" USER="$USER" LOGNAME="$LOGNAME" SHELL=/bin/sh LANG=C.UTF-8 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PATH="$release/virtualenv/bin:$PATH" VIRTUAL_ENV="$release/virtualenv" "$@"
)`
