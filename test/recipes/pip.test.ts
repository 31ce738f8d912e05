import { expect, it } from 'vitest'
import { pipExplained } from '../../src/recipes/python/pip.ts'

// What pip really prints, shortened.
it.each([
  [
    'ERROR: Ignored the following versions that require a different python version: 6.0 Requires-Python >=3.12; 6.0.1 Requires-Python >=3.12\nERROR: Could not find a version that satisfies the requirement Django==6.0 (from versions: 1.1.3, 5.2.8)\nERROR: No matching distribution found for Django==6.0',
    'Cannot install "Django==6.0", because it needs Python >=3.12 and this host has 3.11.',
    'use a host with Debian 13, which has Python 3.13, or ask for an older version',
  ],
  [
    "ERROR: Package 'site' requires a different Python: 3.11.2 not in '>=3.14,<3.15'",
    'Cannot install "site", because it needs Python >=3.14, <3.15 and this host has 3.11.',
    'ask for a version that this Python can run',
  ],
  [
    'ERROR: Could not find a version that satisfies the requirement Djagno (from versions: none)\nERROR: No matching distribution found for Djagno',
    'Cannot install "Djagno", because the package index has no such version for Python 3.11.',
    'check the name and the version in the requirements',
  ],
  [
    "WARNING: Retrying … after connection broken by 'NewConnectionError(…: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/django/\nERROR: Could not find a version that satisfies the requirement Django (from versions: none)",
    'Cannot install "Django", because this host does not reach the package index.',
    "check the host's network, and its /etc/pip.conf",
  ],
  [
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]'))",
    "Cannot install the requirements, because this host does not trust the package index's certificate.",
    "add the authority's certificate to /usr/local/share/ca-certificates on the host, and run: update-ca-certificates",
  ],
  [
    'Error: pg_config executable not found.',
    'Cannot install psycopg2, because it is compiled while it is installed, and the host lacks what that needs.',
    "set app.packages: ['build-essential', 'python3-dev', 'libpq-dev']",
  ],
  [
    "error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory\nERROR: Failed building wheel for uwsgi",
    'Cannot install uwsgi, because it is compiled while it is installed, and the host lacks what that needs.',
    "set app.packages: ['build-essential', 'python3-dev']",
  ],
  [
    'src/x.c:1:10: fatal error: Python.h: No such file or directory\nERROR: Failed building wheel for tiny',
    'Cannot install tiny, because it is compiled while it is installed, and the host lacks what that needs.',
    "set app.packages: ['build-essential', 'python3-dev']",
  ],
  [
    "WARNING: Retrying after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate is not yet valid (_ssl.c:992)'))'\nERROR: Could not find a version that satisfies the requirement Django (from versions: none)",
    "Cannot install the requirements, because the package index's certificate is not valid at the time that this host's clock tells.",
    'look at the clock on the host: timedatectl; to let it be set: sudo timedatectl set-ntp true',
  ],
  [
    'ERROR: In --require-hashes mode, all requirements must have their versions pinned with ==. These do not:',
    'Cannot install the requirements, because some have hashes and others have none.',
    'give all of them one, gunicorn too: pip-compile --generate-hashes',
  ],
  [
    'Processing ./vendor/broken\n  \u00d7 Preparing metadata (pyproject.toml) did not run successfully.\n  \u2502 exit code: 1\n  \u2570\u2500> [12 lines of output]\n      Traceback (most recent call last):\n      RuntimeError: no luck\n      [end of output]\n',
    'Cannot install "./vendor/broken", because it cannot be built: RuntimeError: no luck.',
    'ask for a version that has a wheel for this Python, or correct what its build misses',
  ],
  [
    'The virtual environment was not created successfully because ensurepip is not available.',
    'Cannot make a virtualenv, because the package python3.11-venv is not installed.',
    'run: tasks provision',
  ],
  [
    '/run/program: 3: python3.12: not found',
    'Cannot make a virtualenv, because this host has no Python 3.12.',
    'remove app.python to use the Python that the host has',
  ],
  [
    'ERROR: Cannot install -r requirements.txt (line 1) and a==1 because these package versions have conflicting dependencies.',
    'Cannot install -r requirements.txt (line 1) and a==1, because they need different versions of the same package.',
    'loosen one of the versions in the requirements',
  ],
])('what pip says is told in one line: %s', (output, message, hint) => {
  expect(pipExplained(output, '3.11')).toEqual({ message, hint })
})

it('says nothing about what it does not know', () => {
  expect(pipExplained('Segmentation fault', '3.11')).toBeUndefined()
})
