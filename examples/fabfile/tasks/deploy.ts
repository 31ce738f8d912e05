import { randomInt } from 'node:crypto'
import { defineTask, type LocalMachine, param, type RemoteHost, secret, sh } from 'tasks-ssh'

export const deploy = defineTask({
  name: 'deploy',
  summary: 'Put the last commit on a host, and bring its site up to date',
  params: {
    name: param.text({ summary: 'the domain of the site', placeholder: 'NAME' }),
    repository: param.text({ summary: 'where the host gets the source', default: 'https://git.example.com/lists.git' }),
  },
  run: async ({ host, local, params }) => {
    await host.run(sh`mkdir -p ${`sites/${params.name}`}`)
    const site = host.cd(`sites/${params.name}`)
    await getLatestSource(site, local, params.repository)
    await updateVirtualenv(site)
    await createOrUpdateDotenv(site, params.name)
    await site.run(sh`./virtualenv/bin/python manage.py collectstatic --noinput`)
    await site.run(sh`./virtualenv/bin/python manage.py migrate --noinput`)
  },
})

async function getLatestSource(site: RemoteHost, local: LocalMachine, repository: string) {
  if (await has(site, '.git')) await site.run(sh`git fetch`)
  else await site.run(sh`git clone ${repository} .`)
  const { stdout } = await local.run(sh`git log -n 1 --format=%H`)
  await site.run(sh`git reset --hard ${stdout.trim()}`)
}

async function updateVirtualenv(site: RemoteHost) {
  if (!(await has(site, 'virtualenv/bin/pip'))) await site.run(sh`python3 -m venv virtualenv`)
  await site.run(sh`./virtualenv/bin/pip install -r requirements.txt`)
}

async function createOrUpdateDotenv(site: RemoteHost, name: string) {
  await append(site, 'DJANGO_DEBUG_FALSE=y')
  await append(site, `SITENAME=${name}`)
  if ((await site.run(sh`grep -q DJANGO_SECRET_KEY .env`, { ok: [0, 1] })).isOk) return
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
  const key = Array.from({ length: 50 }, () => letters[randomInt(letters.length)]).join('')
  await site.run(sh`cat >>.env`, { input: secret('key', `DJANGO_SECRET_KEY=${key}\n`, { hidden: [key] }) })
}

const has = async (site: RemoteHost, path: string) => (await site.run(sh`[ -e ${path} ]`, { ok: [0, 1] })).isOk

const append = (site: RemoteHost, line: string) => site.run(sh`grep -qsxF ${line} .env || echo ${line} >>.env`)
