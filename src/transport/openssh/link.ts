import { join } from 'node:path'
import { TasksError } from '../../core/errors.ts'
import { type Outcome, untilLetIn } from '../attempts.ts'
import { type Deadline, held, startDeadline } from '../deadline.ts'
import { knownKeys } from '../host-key.ts'
import type { LinkOptions } from '../link.ts'
import { type Place, unreachable } from '../refusals.ts'
import type { Environment } from '../ssh-config.ts'
import { explain, isTurnedAway } from '../why-not.ts'
import { sshArguments } from './arguments.ts'
import { errorOf, lossOf } from './failure.ts'
import { privateFolder } from './folder.ts'
import { type Helper, writeHelper } from './helper.ts'
import type { OpensshHop, OpensshLink } from './hop.ts'
import { type Findings, interview, noFindings } from './interview.ts'
import { listenerOf } from './listen.ts'
import { readLog } from './log.ts'
import { type Mux, openMux } from './mux.ts'
import { removeFolder, type SshProcess, startSsh } from './process.ts'
import { takeQuestions } from './questions.ts'

/** Starts `ssh` for one host, and answers its questions. */
export async function opensshLink(hop: OpensshHop, options: LinkOptions): Promise<OpensshLink> {
  const { settings, name } = hop.stop
  const deadline = startDeadline(options.connectTimeoutSeconds ?? settings.connectTimeoutSeconds ?? 15)
  const folder = await privateFolder(hop.env)
  try {
    const helper = await writeHelper(folder)
    const attempt = () => attemptLink(hop, { deadline, options, folder, helper })
    return await untilLetIn(attempt, { name, deadline, options })
  } catch (error) {
    await removeFolder(folder)
    throw error
  } finally {
    deadline.stop()
  }
}

interface Attempt {
  readonly deadline: Deadline
  readonly options: LinkOptions
  readonly folder: string
  readonly helper: Helper
}

async function attemptLink(hop: OpensshHop, parts: Attempt): Promise<Outcome<OpensshLink>> {
  const { folder, helper, deadline, options } = parts
  const socket = join(folder, 'm')
  const findings = noFindings()
  const over = new AbortController()
  const place = () => placeOf(hop, process.log())
  const answer = interviewOf(hop, { parts, findings, place, onRefusal: () => over.abort() })
  const questions = await takeQuestions(helper.socket, answer)
  const process = startSsh({
    args: sshArguments({ hop, socket, helper, canAskPassword: options.prompts.password !== undefined }),
    env: environment(hop.env, helper),
    folder,
  })
  const end = () => {
    process.stop()
    questions.close()
  }
  const signal = AbortSignal.any([options.signal, deadline.signal, over.signal])
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    if (!(await process.isReady)) return await failed(hop, { process, findings, deadline })
    const reached = place()
    const mux = await openMux(socket).catch((cause: unknown) => ({ error: notLent(reached, cause) }))
    if ('error' in mux) {
      end()
      await process.ended
      return { ...mux, isWorthRetrying: false }
    }
    return { link: established(hop, { process, mux, place: reached, folder, socket }) }
  } finally {
    signal.removeEventListener('abort', end)
    questions.close()
  }
}

function interviewOf(
  { stop: { settings, name } }: OpensshHop,
  {
    parts: { deadline, options },
    findings,
    ...others
  }: {
    readonly parts: Attempt
    readonly findings: Findings
    readonly place: () => Place
    readonly onRefusal: () => void
  },
) {
  const { passphrase, password, acceptHostKey, touch } = options.prompts
  const prompts = {
    passphrase: held(passphrase, deadline),
    password: held(password, deadline),
    acceptHostKey: held(acceptHostKey, deadline),
    touch: held(touch, deadline),
  }
  const hostKeys = knownKeys(settings, name, prompts.acceptHostKey)
  hostKeys.catch(() => {})
  const { identityFiles } = settings
  return interview({ prompts, hostKeys, identityFiles, who: `${settings.user}@${name}`, ...others }, findings)
}

async function failed(
  hop: OpensshHop,
  {
    process,
    findings,
    deadline,
  }: { readonly process: SshProcess; readonly findings: Findings; readonly deadline: Deadline },
): Promise<Outcome<OpensshLink>> {
  const notStarted = await process.ended
  const { settings, name } = hop.stop
  const place = placeOf(hop, process.log())
  if (notStarted) return { error: noSsh(name, notStarted), isWorthRetrying: false }
  const log = readLog(process.log())
  const through = hop.before.at(-1)?.lastRefusal() ?? ''
  const error = findings.refusal ?? errorOf(log, { place, through, user: settings.user })
  const complaint = settings.proxyCommand === undefined || hop.before.length > 0 ? undefined : complaintIn(log.words)
  const { locked, unusable, isPasswordTried } = findings
  const explained = explain({
    place,
    error,
    deadline,
    login: { tried: { identities: log.offered, isPasswordTried }, unasked: () => findings.refusal },
    identities: { locked: [...locked], unsupported: log.unreadable },
    unusable,
    user: settings.user,
    complaint,
    flags: settings.givenFlags,
  })
  const isWorthRetrying = isTurnedAway(error) && complaint === undefined && !deadline.signal.aborted
  return { error: explained, isWorthRetrying }
}

function established(
  { stop: { settings } }: OpensshHop,
  {
    process,
    mux,
    place,
    folder,
    socket,
  }: {
    readonly process: SshProcess
    readonly mux: Mux
    readonly place: Place
    readonly folder: string
    readonly socket: string
  },
): OpensshLink {
  let because: string | undefined
  let isGone = false
  const gone = process.ended.then(async () => {
    isGone = true
    because ??= lossOf(readLog(process.log()).words, settings.keepaliveCount * (settings.keepaliveSeconds ?? 15))
    mux.close()
    await removeFolder(folder)
    return because
  })
  return {
    place,
    socket,
    exec: mux.exec,
    dial: mux.dial,
    listen: listenerOf(socket),
    bytes: mux.bytes,
    gone,
    goneBecause: () => (isGone ? because : undefined),
    lastRefusal: () => /.*open failed: (?:connect failed: )?(.*)/.exec(process.log())?.[1] ?? '',
    async close() {
      because ??= 'the connection was closed'
      process.stop()
      await gone
    },
  }
}

/** What a ProxyCommand said, without what ssh said about it. */
function complaintIn(words: readonly string[]): string {
  return words.filter((line) => !/^kex_exchange_identification: |^Connection closed by UNKNOWN/.test(line)).join('\n')
}

function placeOf({ stop: { name, settings }, before }: OpensshHop, log: string): Place {
  const { address = settings.hostname } = readLog(log)
  return { name, address, port: settings.port, through: before.map(({ place }) => place.name) }
}

/** Only what asks, and the agent: what else ssh and a ProxyCommand of the person's need is there as ever. */
function environment(env: Environment, { program }: Helper): NodeJS.ProcessEnv {
  const { SSH_AUTH_SOCK: _, ...others } = process.env
  return {
    ...others,
    ...(env.SSH_AUTH_SOCK === undefined ? {} : { SSH_AUTH_SOCK: env.SSH_AUTH_SOCK }),
    SSH_ASKPASS: program,
    SSH_ASKPASS_REQUIRE: 'force',
  }
}

function notLent(place: Place, cause: unknown): TasksError {
  const because = "this machine's ssh does not lend its connection"
  return unreachable(place, { because, hint: "update this machine's OpenSSH, or set transport: 'ssh2'", cause })
}

function noSsh(name: string, cause: Error): TasksError {
  return new TasksError({
    code: 'config',
    message: `Cannot connect to "${name}" with this machine's ssh: it cannot be started.`,
    hint: 'install openssh-client',
    cause,
  })
}
