import type { SandboxHost } from '../../src/sandbox/index.ts'
import { site } from './floors.ts'
import { ssh } from './host.ts'

/**
 * All that a failed deploy could leave on a host, as lines: files of the site with kind, mode, owner and target, refs, units that run or
 * start at boot, debts, runs, and whether the site is locked. Data, and what a copy of the database is for, is left out.
 */
export async function leftOn(host: SandboxHost): Promise<readonly string[]> {
  const { code, stdout, stderr } = await ssh(host, listing, 'root')
  if (code !== 0) throw new Error(stderr)
  return stdout.split('\n').filter(Boolean)
}

const listing = `set -e
cd /home/elspeth/sites/${site.name}
find . \\( -path './repository.git/*' -o -path './virtualenvs/*/*' -o -path './database/*' -o -path ./full \\) -prune -o -printf '%y %m %u %p %l\\n' | sort
git config --global --get safe.directory >/dev/null || git config --global safe.directory '*'
git --git-dir=repository.git for-each-ref --format='%(refname)'
find repository.git -name '*.lock' -o -path '*/pack/tmp_*'
systemctl list-units --all --plain --no-legend 'gunicorn-${site.name}@*' | sed 's/ .*//'
ls /etc/systemd/system/multi-user.target.wants | grep gunicorn
ls /var/lib/tasks /var/lib/tasks/owed /run/tasks
flock -n /run/tasks/locks/site-${site.name} echo unlocked`
