import { until } from '../hosts/until.ts'
import type { Machine } from './machine.ts'

/** What a run must not leave behind on a host, as lines; nothing is the best answer. A process of its may need a moment to end. */
export async function leftBehind(machine: Machine, site: string): Promise<readonly string[]> {
  const look = async () => (await machine.sh(`site=${site}; ${checks}`)).split('\n').filter(Boolean)
  const lines = await until(look, (seen) => seen.length === 0).catch(look)
  return lines
}

/** The locks that somebody holds, by name. */
export async function heldLocks(machine: Machine): Promise<readonly string[]> {
  const look = async () => (await machine.sh(locks)).split('\n').filter(Boolean)
  return await until(look, (seen) => seen.length === 0).catch(look)
}

const locks = `
for lock in /run/tasks/locks/*; do
  [ ! -e "$lock" ] || flock -n "$lock" true || echo "the lock is held: $lock"
done`

const checks = `
${locks}
folder=/home/elspeth/sites/$site
ls -A /run/tasks | grep -vx locks | sed 's/^/left in \\/run\\/tasks: /' || :
ls -A /var/lib/tasks/owed | sed 's/^/still owed: /'
{
  find "$folder" \\( -path '*/source/*' -o -path '*/virtualenvs/*/*' \\) -prune -o \\( -name '*.new' -o -name '*.new.*' \\) -print
  find /etc/nginx /etc/systemd /var/lib/tasks \\( -name '*.new' -o -name '*.part' -o -name '*.old' \\)
  find /dev/shm /tmp -maxdepth 1 -name 'tasks.*'
} | sed 's/^/left over: /'
for group in $(find /sys/fs/cgroup/user.slice -path '*/session-*' -name cgroup.procs); do
  for pid in $(cat "$group" 2>/dev/null); do
    echo "still runs: $(tr '\\000' ' ' 2>/dev/null <"/proc/$pid/cmdline")"
  done
done
systemctl show --property Id,NeedDaemonReload '*' | awk -v RS= '/NeedDaemonReload=yes/ { gsub(/\\n/, " "); print }'
current=$(readlink "$folder/current")
instances=$(systemctl list-units --all --plain --no-legend --state=active,activating,reloading,deactivating,failed "gunicorn-$site@*" | cut -d' ' -f1,3 | paste -s -d, -)
[ "$instances" = "gunicorn-$site@\${current##*/}.service active" ] || echo "current is $current, and these run: $instances"
enabled=$(ls /etc/systemd/system/multi-user.target.wants | grep -F "gunicorn-$site@" | paste -s -d, -)
[ "$enabled" = "gunicorn-$site@\${current##*/}.service" ] || echo "current is $current, and these start at boot: $enabled"
failed=$(systemctl list-units --failed --plain --no-legend | cut -d' ' -f1 | paste -s -d, -)
[ -z "$failed" ] || echo "failed units: $failed"
read -r up _ </proc/uptime
now=$(date +%s.%N)
newest=$(find /etc/nginx -printf '%C@\\n' | sort -n | tail -n 1)
for worker in $(cat /proc/$(systemctl show -P MainPID nginx.service)/task/*/children); do
  ! grep -aq 'shutting down' "/proc/$worker/cmdline" || continue
  sed 's/.*) //' "/proc/$worker/stat" | awk -v now="$now" -v up="$up" -v newest="$newest" '
    { began = now - up + $20 / 100; if (began + 0.05 < newest) printf "nginx has not loaded what is on disk: %s < %s\\n", began, newest }'
done`
