type Options = ReadonlyMap<string, readonly string[]>

/** What `ssh -G` prints that the SSH library would have to ignore, each as a sentence to follow "because". */
export function beyondLibrary(options: Options): readonly string[] {
  const one = (name: string) => options.get(name.toLowerCase())?.[0] ?? 'none'
  const set = [
    'CertificateFile',
    'PKCS11Provider',
    'KnownHostsCommand',
    'RevokedHostKeys',
    'BindAddress',
    'BindInterface',
  ]
  const on = ['ProxyUseFdpass', 'HostbasedAuthentication', 'GSSAPIKeyExchange', 'VerifyHostKeyDNS']
  const [preferred = ''] = one('PreferredAuthentications').split(',')
  return [
    ...set.filter((name) => one(name) !== 'none').map((name) => `${name} is set`),
    ...on.filter((name) => ['yes', 'true'].includes(one(name))).map((name) => `${name} is on`),
    ...(/^(gssapi|hostbased)/.test(preferred) ? [`PreferredAuthentications begins with ${preferred}`] : []),
    ...(someOf(one('KexAlgorithms'), libraryKex) ? [] : ['KexAlgorithms names newer ones alone']),
    ...(someOf(one('HostKeyAlgorithms'), plainHostKey) ? [] : ['HostKeyAlgorithms names certificates alone']),
  ]
}

const libraryKex = /^(curve25519|ecdh-sha2|diffie-hellman)/
const plainHostKey = /^(ssh-ed25519|ecdsa-sha2-nistp\d+|rsa-sha2-\d+|ssh-rsa)$/

/** An `ssh` that prints no such list has nothing to say about it. */
function someOf(list: string, pattern: RegExp): boolean {
  return list === 'none' || list.split(',').some((name) => pattern.test(name))
}
