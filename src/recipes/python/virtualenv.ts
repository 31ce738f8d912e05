import { sh } from '../../core/sh.ts'
import { type Step, step } from '../../core/step.ts'
import type { Release } from '../../steps/release.ts'
import { stampFunctions } from '../../steps/stamp.ts'
import { pipExplained } from './pip.ts'
import { python } from './version.ts'

/** What a virtualenv is made from. */
export interface VirtualenvContents {
  /** The file that says what is wanted, for people. */
  readonly source: string
  /** What pip is given: `-r requirements.txt`, `gunicorn`. */
  readonly arguments: readonly string[]
  /** SHA-256 of the files and all that they include. */
  readonly hash: string
}

/**
 * A virtualenv with the release's requirements, shared by the releases that need the same ones and the same Python.
 *
 * Checks a stamp that is written last, since a folder with an interpreter may lack pip. A virtualenv cannot be moved, so it
 * is made where it stays, and begun anew when it was not finished. What was really installed is in its `installed.txt`.
 */
export function virtualenv(release: Release, requirements: VirtualenvContents): Step {
  const { folder, path, virtualenvName } = release
  const place = sh`${folder.path}/virtualenvs/${virtualenvName}`
  const wanted = requirements.arguments
  return step({
    name: 'virtualenv',
    title: `${folder.site} has a virtualenv with what ${requirements.source} asks for`,
    as: folder.user,
    uses: [stampFunctions, virtualenvFunctions],
    check: sh`[ -x ${place}/bin/python ] && stamped ${place}/.complete ${requirements.hash}`,
    apply: sh`
      make_virtualenv ${place} ${python} ${path}/source ${wanted}
      stamp ${place}/.complete ${requirements.hash}`,
    preview: sh`printf '%s\n' ${`pip install ${wanted.join(' ')}`}`,
    explain: ({ output, values }) => pipExplained(output, values[python.name] ?? ''),
  })
}

const virtualenvFunctions = sh`
make_virtualenv() ( # FOLDER PYTHON SOURCE PIP_ARGUMENT …
  place=$1 python=$2 source=$3
  shift 3
  rm -rf -- "$place"
  "python$python" -m venv "$place"
  cd -- "$source"
  export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONUNBUFFERED=1
  "$place/bin/python" -m pip install --progress-bar off "$@"
  "$place/bin/python" -m pip freeze --all >"$place/installed.txt"
)`
