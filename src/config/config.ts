/**
 * What a config file may say, as an editor shows it. The schema checks the same keys; the words here are those of docs/config.md, too.
 * Unknown keys are refused; what is left out gets its default, or is detected from the commit.
 */
export interface Config {
  /** How the application is made. */
  readonly app?: AppConfig | undefined
  /** The machines, each by a name of your choice. */
  readonly hosts?: Readonly<Record<string, HostConfig>> | undefined
  /** Hosts that are named together, each list by a name of your choice: `--host=@web`. Every host of the config is in `all`. */
  readonly groups?: Readonly<Record<string, readonly string[]>> | undefined
  /** The environments, each by a name of your choice: `staging`, `production`. */
  readonly stages?: Readonly<Record<string, StageConfig>> | undefined
  /** The deployed applications, each by its domain. */
  readonly sites?: Readonly<Record<string, SiteConfig>> | undefined
  /** What makes a bare server ready for sites. */
  readonly provision?: ProvisionConfig | undefined
  /** What is looked at after a deploy. */
  readonly verify?: VerifyConfig | undefined
}

export interface AppConfig {
  /** The framework that the application is written with. Detected where it is not said. */
  readonly framework?: 'django' | undefined
  /** The application's folder, relative to the config's own. */
  readonly directory?: string | undefined
  /** The requirements file, relative to `directory`. Detected where it is not said. */
  readonly requirements?: string | undefined
  /** The settings module for production: `superlists.settings`. Detected where it is not said. */
  readonly settings?: string | undefined
  /** The WSGI application: `superlists.wsgi:application`. Detected where it is not said. */
  readonly wsgi?: string | undefined
  /** A URL that the host clones the code from, instead of getting commits of the local repository. */
  readonly repository?: string | undefined
  /** The Python wanted, such as `3.12`: the host's own where it is not said. */
  readonly python?: string | undefined
  /** More Debian packages that the application needs, such as `libpq-dev`. */
  readonly packages?: readonly string[] | undefined
  /** Whether settings that are unsafe in production are overridden (DEBUG, ALLOWED_HOSTS, the secret key, …), outside the source. */
  readonly overlay?: boolean | undefined
  /** Processes that answer requests: two for each processor and one more, where it is not said. */
  readonly workers?: number | undefined
  /** The path that is asked for before a release may serve. */
  readonly healthPath?: string | undefined
  /** Seconds within which a started release must answer. */
  readonly healthTimeout?: number | undefined
  /** Seconds for which it must then stay well before it may serve; `0` asks once. */
  readonly healthHold?: number | undefined
  /**
   * How a release follows another: `side-by-side` starts it while the other serves, and drops no request; `restart` stops the other
   * first, for servers that have not the memory for two.
   */
  readonly strategy?: 'side-by-side' | 'restart' | undefined
  /** Good releases that are kept on the host, the running one among them. */
  readonly keepReleases?: number | undefined
  /** The largest request body, in nginx's words. */
  readonly maxBodySize?: string | undefined
}

export interface HostConfig {
  /** An address, a DNS name, or an alias of ssh_config. The host's name where it is not said: an alias, or a sandbox host. */
  readonly address?: string | undefined
  /** The port of its SSH server: what ssh_config says, or 22, where it is not said. */
  readonly port?: number | undefined
  /** Who logs in: `root`, or a user who may use sudo. What ssh_config says, or your own name, where it is not said. */
  readonly user?: string | undefined
  /** The private key to log in with; `~` is your home folder. What ssh_config says and the agent has, where it is not said. */
  readonly identityFile?: string | undefined
  /** A file of host keys of its own, instead of `~/.ssh/known_hosts`. */
  readonly knownHostsFile?: string | undefined
  /** Jump hosts, as `ssh -J` takes them: `user@address:port,…`. */
  readonly jump?: string | undefined
  /** What speaks SSH: `ssh2`, a library, or `openssh`, this machine's own `ssh`. Chosen by what your ssh_config asks for, where it is not said. */
  readonly transport?: 'ssh2' | 'openssh' | undefined
  /** The user who owns and runs the sites; made if missing. The login user where it is not said, unless that is root. */
  readonly siteUser?: string | undefined
  /** What it is there for, such as `db`: each is a group of all hosts that have it. */
  readonly roles?: readonly string[] | undefined
  /** Whether it is the one that does what must happen once; the first host of a run does, where it is not said of any. */
  readonly primary?: boolean | undefined
  /** Places as the host sees them, each by a name for `host.tunnel(…)`: `{ db: '127.0.0.1:5432' }`, or the path of a socket. */
  readonly tunnels?: Readonly<Record<string, string>> | undefined
}

export interface StageConfig {
  /** A dotenv file on your machine, relative to the config's folder: the environment of the stage's sites. */
  readonly dotenv?: string | undefined
  /** Whether a change of its sites must be confirmed: by typing the site's name, or with `--confirm NAME` or `--yes`. */
  readonly protected?: boolean | undefined
}

export interface SiteConfig {
  /** The host that it runs on: a name in `hosts`. */
  readonly host: string
  /** The stage that it belongs to: a name in `stages`. */
  readonly stage?: string | undefined
  /** More domains, or addresses, that it answers to. */
  readonly aliases?: readonly string[] | undefined
}

export interface ProvisionConfig {
  /** Whether a firewall lets in SSH, HTTP and HTTPS alone. */
  readonly firewall?: boolean | undefined
  /** Whether security updates are installed unattended. */
  readonly unattendedUpgrades?: boolean | undefined
  /** More Debian packages for every host. */
  readonly packages?: readonly string[] | undefined
  /** More APT repositories for every host, such as `ppa:deadsnakes/ppa`. */
  readonly repositories?: readonly string[] | undefined
}

export interface VerifyConfig {
  /** A command, run on your machine in the config's folder with `STAGING_SERVER` set to the site. */
  readonly functionalTests?: string | undefined
}
