import {
  defineTask,
  directory,
  firewall,
  home,
  homeOf,
  homeReachable,
  type Needs,
  nginxBasics,
  nginxReload,
  nginxServes,
  type Params,
  packages,
  repository,
  type StepsContext,
  sameKeys,
  sh,
  supportedSystem,
  unattendedUpgrades,
  user,
} from '../src/index.ts'

/** A bare Debian or Ubuntu server becomes one that can run sites. */
export const provision = defineTask({
  name: 'provision',
  summary: 'Make a bare Debian or Ubuntu server ready to run sites',
  lock: 'host',
  steps: (context) => {
    const { app, host } = context
    const serving = nginxBasics(nginxTemplates(context))
    const software = packages({ name: 'packages', names: softwareFor(context), owes: [nginxReload] })
    return [
      supportedSystem({ host: host.name }),
      user({ name: host.siteUser }),
      ...(host.loginUser === host.siteUser ? [] : [sameKeys({ of: host.loginUser, user: host.siteUser })]),
      homeOf(host.siteUser),
      directory({ path: sitesFolder, as: host.siteUser }),
      ...serving,
      ...app.provision.repositories.flatMap((each) => repository(each)),
      software,
      homeReachable({ user: host.siteUser }),
      nginxServes({ after: [...serving, software] }),
      ...(app.provision.firewall ? [firewall(firewallFor(context))] : []),
      ...(app.provision.unattendedUpgrades ? [unattendedUpgrades()] : []),
    ]
  },
  result: ({ host }) => ({ siteUser: host.siteUser, sitesFolder }),
})

type Context = Pick<StepsContext<Params, Needs>, 'app' | 'host' | 'template'>

const sitesFolder = sh`${home}/sites`

function softwareFor({ app }: Context): readonly string[] {
  const version = /^3\.\d+/.exec(app.project.python ?? '')?.[0] ?? '3'
  return [
    ...['nginx', 'git', 'python3', `python${version}`, `python${version}-venv`],
    ...['acl', 'ca-certificates', 'curl'],
    ...(app.provision.firewall ? ['nftables'] : []),
    ...(app.provision.unattendedUpgrades ? ['unattended-upgrades'] : []),
    ...app.project.packages,
    ...app.provision.packages,
  ]
}

function nginxTemplates({ template }: Context) {
  return {
    basics: template('nginx-basics.conf', {}),
    catchAll: template('nginx-catch-all.template.conf', { ipv6: true }),
    catchAllWithoutIPv6: template('nginx-catch-all.template.conf', { ipv6: false }),
  }
}

function firewallFor({ host, template }: Context) {
  return {
    ports: [80, 443],
    sshPort: host.port,
    rules: template('firewall.template.nft', {}),
    unit: template('firewall-systemd.service', {}),
  }
}
