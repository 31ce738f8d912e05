import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  absent,
  content,
  daemonReload,
  defineTask,
  directory,
  file,
  followUp,
  homeOf,
  homeReachable,
  packages,
  param,
  secret,
  service,
  sh,
  step,
  symlink,
  user,
} from 'tasks-ssh'

type Shell = ReturnType<typeof sh>

const reload = followUp('bench-nginx-reload')
const restart = followUp('bench-gunicorn-restart')

/** The forty facts of `bench/steps.md`, one step for each or two, as a project's own task on as many hosts as are wanted. */
export const fortyFacts = defineTask({
  name: 'forty-facts',
  summary: 'Make the forty facts of the benchmark true',
  params: {
    name: param.text({ summary: "the site's name", placeholder: 'NAME' }),
    project: param.text({ summary: 'the checkout whose HEAD is served', placeholder: 'FOLDER' }),
  },
  lock: 'host',
  steps: ({ params: { name, project }, host, template }) => {
    const owner = host.siteUser
    const folder = `/home/${owner}/sites/${name}`
    const unit = `gunicorn-${name}.service`
    const available = `/etc/nginx/sites-available/${name}`
    const words = { site: name, folder, site_user: owner, secret_key: process.env.SECRET_KEY ?? '' }
    const { head, blob, version, archive } = commitOf(project)
    const env = secret('env', Buffer.from(template('env.j2', words).bytes).toString(), { hidden: [words.secret_key] })
    const server = file({
      path: `/etc/systemd/system/${unit}`,
      content: template('gunicorn.service.j2', words),
      owes: [restart],
    })
    const stamped = (what: string, stamp: string, apply: Shell, data: readonly (typeof archive)[] = []) =>
      step({
        name: what,
        title: `${name}: ${what}`,
        as: owner,
        data,
        owes: [restart],
        check: sh`[ -e ${`${folder}/stamps/${what}-${stamp}`} ]`,
        apply: sh`
          cd ${folder}
          rm -f stamps/${what}-*
          ${apply}
          touch ${`stamps/${what}-${stamp}`}`,
      })
    const manage = (command: string) => sh`
      cd source
      set -a
      . ../env
      ../virtualenv/bin/python manage.py ${command} --noinput -v 0
      cd ..`
    return [
      packages(['nginx', 'python3-venv', 'git', 'acl', 'curl']),
      user({ name: owner, shell: '/bin/bash' }),
      homeOf(owner),
      homeReachable({ user: owner }),
      ...['/..', '', '/source', '/static', '/stamps'].map((each) =>
        directory({ path: join(folder, each), as: owner, mode: '0755' }),
      ),
      directory({ path: `${folder}/database`, as: owner, mode: '0700' }),
      file({ path: `${folder}/env`, content: env, as: owner, mode: '0600', owes: [restart] }),
      file({
        path: `${folder}/gunicorn.conf.py`,
        content: template('gunicorn.conf.py.j2', words),
        as: owner,
        owes: [restart],
      }),
      server,
      file({ path: available, content: template('nginx.conf.j2', words), owes: [reload] }),
      symlink({ path: `/etc/nginx/sites-enabled/${name}`, target: available }),
      absent({ path: '/etc/nginx/sites-enabled/welcome' }),
      step({
        name: 'virtualenv',
        title: `${name} has a virtualenv`,
        as: owner,
        check: sh`[ -x ${folder}/virtualenv/bin/python ]`,
        apply: sh`python3 -m venv ${folder}/virtualenv`,
      }),
      stamped('source', head, sh`find source -mindepth 1 -delete; tar -x -C source -f ${archive}`, [archive]),
      stamped(
        'requirements',
        blob,
        sh`virtualenv/bin/pip install -q --disable-pip-version-check -r source/requirements.txt`,
      ),
      stamped('migrated', head, manage('migrate')),
      stamped('collected', head, manage('collectstatic')),
      daemonReload({ after: [server] }),
      service({ unit: 'nginx.service', enabled: true, running: true }),
      service({ unit, enabled: true, running: true }),
      step({
        name: 'started',
        title: `${name} was started with its commit`,
        pays: restart,
        check: sh`[ -e ${`${folder}/stamps/started-${head}`} ]`,
        apply: sh`
          systemctl restart ${unit}
          rm -f ${folder}/stamps/started-*
          touch ${`${folder}/stamps/started-${head}`}`,
      }),
      step({ name: 'nginx -t', title: 'nginx accepts its configuration', check: sh`nginx -t -q` }),
      step({ name: 'reload', title: 'nginx was reloaded', pays: reload, apply: sh`systemctl reload nginx; sleep 1` }),
      answers(name, version),
    ]
  },
})

interface Commit {
  readonly head: string
  readonly blob: string
  readonly version: string
  readonly archive: ReturnType<typeof content>
}

/** Looked up once, however many hosts there are. */
let known: Commit | undefined

function commitOf(project: string): Commit {
  known ??= lookedUp(project)
  return known
}

function lookedUp(project: string): Commit {
  const [head = '', blob = ''] = git(project, 'rev-parse', 'HEAD', 'HEAD:requirements.txt').toString().split('\n')
  const version = /"(.*)"/.exec(readFileSync(join(project, 'bench_site/version.py'), 'utf8'))?.[1] ?? ''
  return { head, blob, version, archive: content(git(project, 'archive', 'HEAD')) }
}

/** Facts 33 to 40: five requests, asked by one process. */
function answers(name: string, version: string) {
  const told = '%{http_code} %header{x-content-type-options} %header{server}\n'
  const ask = sh`-s --max-time 20 -H ${`Host: ${name}`}`
  return step({
    name: 'answers',
    title: `${name} answers as it should`,
    check: sh`
      found=$(curl ${ask} -w ${told} -o /dev/null --unix-socket ${`/run/gunicorn-${name}/socket`} http://localhost/ \
        --next ${ask} -w ${told} http://127.0.0.1/ \
        --next ${ask} -w '%{http_code}\n' -o /dev/null http://127.0.0.1/static/notes/notes.css \
        --next ${ask} -w '%{http_code}\n' -o /dev/null http://127.0.0.1/.git/HEAD \
        --next -s --max-time 20 -w '%{http_code}\n' -H 'Host: unknown.invalid' http://127.0.0.1/) || : # the last one must fail
      printf '%s\n' "$found"
      case $found in
        "200 nosniff gunicorn$NL"*${`version ${version},`}*"$NL"'200 nosniff nginx'"$NL"200"$NL"404"$NL"000) ;;
        *) exit 1 ;;
      esac`,
  })
}

function git(cwd: string, ...words: readonly string[]): Buffer {
  return execFileSync('git', words, { cwd })
}
