import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { toldWhy } from '../../told.ts'

const run = promisify(execFile)
const packages = ['Django==5.2.*', 'gunicorn', 'whitenoise', 'django-environ', 'python-decouple']

/** The `bin` folder of a virtualenv with Django and gunicorn, made once and shared by all test files; or why there is none. */
export async function virtualenv(): Promise<{ readonly bin: string } | { readonly because: string }> {
  for (const python of ['/usr/bin/python3', 'python3']) {
    const found = await make(python)
    if (found !== undefined) return { bin: found }
  }
  const because = 'there is no Python with its venv module (apt-get install python3-venv), flock or package index'
  toldWhy('projects on a real Python', because)
  return { because }
}

/** A killed run leaves no lock behind and no half virtualenv that counts: the name of the finished one is set last. */
const script = `set -eu
[ -e "$1/finished" ] && exit 0
rm -rf "$1"
"$2" -m venv "$1"
folder=$1; shift 2
"$folder/bin/pip" install --quiet "$@"
: > "$folder/finished"`

async function make(python: string): Promise<string | undefined> {
  const cache = join(import.meta.dirname, '../../../node_modules/.cache/tasks-ssh')
  try {
    await mkdir(cache, { recursive: true })
    const { stdout } = await run(python, ['-c', 'import ensurepip, sys; print(sys.version)'])
    const hash = createHash('sha256')
      .update(JSON.stringify([python, stdout, packages]))
      .digest('hex')
      .slice(0, 12)
    const folder = join(cache, `virtualenv-${hash}`)
    await run('flock', [`${folder}.lock`, 'sh', '-c', script, 'sh', folder, python, ...packages])
    return join(folder, 'bin')
  } catch {
    return undefined
  }
}
