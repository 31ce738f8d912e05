/** What the user's words come to, complete and checked: every default is filled in, every name resolves. */
export interface App {
  /** Absolute path of the folder that holds the config (or the current one, where there is none). */
  readonly root: string
  /** Absolute path of the config file, where there is one. */
  readonly configFile?: string | undefined
  readonly project: ProjectSettings
  readonly hosts: Readonly<Record<string, Host>>
  /** The names of hosts, by the group that they are in: those of the config, one for each role, and `all`. */
  readonly groups?: Readonly<Record<string, readonly string[]>> | undefined
  readonly stages: Readonly<Record<string, Stage>>
  readonly sites: Readonly<Record<string, Site>>
  readonly provision: ProvisionSettings
  readonly verify: VerifySettings
}

/** How the application is made, where the user said so; what is absent is detected from the commit. */
export interface ProjectSettings {
  readonly framework?: 'django' | undefined
  /** The application's folder, relative to `root`. */
  readonly directory: string
  readonly requirements?: string | undefined
  readonly settings?: string | undefined
  readonly wsgi?: string | undefined
  /** Where the code comes from, if not from the local repository: a URL that the host can clone. */
  readonly repository?: string | undefined
  readonly python?: string | undefined
  readonly packages: readonly string[]
  readonly overlay: boolean
  readonly workers?: number | undefined
  /** Path asked for in health checks. */
  readonly healthPath: string
  /** Seconds within which a started release must answer. */
  readonly healthTimeout: number
  /** Seconds for which it must then stay well before it serves. */
  readonly healthHold?: number | undefined
  /** How one release follows another: started while the other serves, or in its place. */
  readonly strategy?: 'side-by-side' | 'restart' | undefined
  /** Good releases that are kept, the running one among them. */
  readonly keepReleases: number
  /** Largest request body that nginx takes, in its own words: `10m`. */
  readonly maxBodySize: string
}

export interface Host {
  readonly name: string
  /** What is connected to: an address, a DNS name or an alias of ssh_config. */
  readonly address: string
  readonly port?: number | undefined
  readonly user?: string | undefined
  readonly identityFile?: string | undefined
  /** A file of host keys of its own, instead of the user's. */
  readonly knownHostsFile?: string | undefined
  /** Jump hosts, `user@address:port,…`, as ssh's own -J takes them. */
  readonly jump?: string | undefined
  /** What speaks SSH, where the user said so. */
  readonly transport?: 'ssh2' | 'openssh' | undefined
  /** Places as the host sees them, each by a name: `host:port`, or the path of a socket. */
  readonly tunnels?: Readonly<Record<string, string>> | undefined
  /** The user who owns and runs the sites; made if missing. The login user, unless that is root. */
  readonly siteUser?: string | undefined
  readonly roles?: readonly string[] | undefined
  readonly primary?: boolean | undefined
  /** Whether the person named it, with `--host`. */
  readonly isNamed?: boolean | undefined
}

export interface Stage {
  readonly name: string
  /** Absolute path of the dotenv file on this machine. */
  readonly dotenv?: string | undefined
  readonly protected: boolean
}

export interface Site {
  /** The domain; also the name of its folder, unit and nginx site. */
  readonly name: string
  /** The host's name in `hosts`. */
  readonly host: string
  readonly stage?: string | undefined
  readonly aliases: readonly string[]
}

export interface ProvisionSettings {
  readonly firewall: boolean
  readonly unattendedUpgrades: boolean
  /** More packages for every host. */
  readonly packages: readonly string[]
  readonly repositories: readonly string[]
}

export interface VerifySettings {
  /** A command run on this machine, with `STAGING_SERVER` set to the site. */
  readonly functionalTests?: string | undefined
}
