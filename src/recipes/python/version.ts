import { sh } from '../../core/sh.ts'
import { hostValue, type Step, step } from '../../core/step.ts'

export const python = hostValue('python')

/**
 * The host's Python, as `3.11`: the one that the config names, the one that is installed, or the one that APT would install.
 */
export function pythonVersion(wanted?: string): Step {
  return step({
    name: 'python',
    title: wanted === undefined ? 'the Python that the host has' : `Python ${wanted} is wanted`,
    value: python,
    check: wanted === undefined ? detected : sh`printf %s ${minor(wanted)}`,
  })
}

/** `3.12.4` and `3.12` are the same interpreter to Debian. */
function minor(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

const detected = sh`
version=$(readlink -f /usr/bin/python3 || :)
version=\${version##*/python}
case $version in
  3.*) ;;
  *)
    version=$(apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy python3 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9]*\.[0-9]*\).*/\1/p')
    ;;
esac
if [ -z "$version" ]; then
  while IFS== read -r name value; do
    [ "$name" != VERSION_ID ] || version=$value
  done </etc/os-release
  case $version in
    '"12"') version=3.11 ;;
    '"13"') version=3.13 ;;
    '"22.04"') version=3.10 ;;
    '"24.04"') version=3.12 ;;
    *) printf 'python3 is not installed, and APT does not know it'; exit 69 ;;
  esac
fi
printf %s "$version"`
