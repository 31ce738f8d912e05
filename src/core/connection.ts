/**
 * A machine that commands can be run on, whatever carries them there.
 * Implementations live in `transport/`; everything else knows only these shapes.
 */
export interface Connection {
  /** The login user's name, as the machine knows it. */
  readonly user: string
  /** What carries it where that is not the usual library, and why, to follow "because". */
  readonly transport?: { readonly name: 'openssh'; readonly because: string }
  /** Starts one command line, read by the login user's shell. Rejects with a TasksError when no channel can be had. */
  open(command: string, options?: OpenOptions): Promise<Channel>
  /**
   * Carries connections to a port of this machine to a place as the host sees it; 0 is any free port. Absent where there is no other machine.
   * `onFailure` hears of each connection that is not let through, with the reason to follow "because".
   */
  forward?(ports: { readonly here: number; readonly there: Endpoint }, onFailure: OnFailure): Promise<Carrying>
  /** The other way: connections to a port of the host come to a place as this machine sees it. */
  forwardBack?(ports: { readonly listen: number; readonly to: Endpoint }, onFailure: OnFailure): Promise<Carrying>
  /** What has crossed the wire so far. */
  wire(): Wire
  /** Ends the connection; open channels end as `lost`. Never rejects. */
  close(): Promise<void>
}

/** Where a connection goes: a port, or the path of a socket. */
export type Endpoint = { readonly host: string; readonly port: number } | { readonly path: string }

export type OnFailure = (because: string) => void

/** Connections that are carried until it is closed, and those that are open with it. It listens on 127.0.0.1 alone. */
export interface Carrying {
  readonly port: number
  /** Never rejects. */
  close(): Promise<void>
}

export interface OpenOptions {
  /** Lets go of the command, which the host may go on with. */
  readonly signal?: AbortSignal
  /** Gives it a terminal, raw and without echo until the command says otherwise; both outputs then come as standard output. */
  readonly pty?: Window
}

/** The size of a terminal, in characters. */
export interface Window {
  readonly columns: number
  readonly rows: number
}

/** One running command: bytes both ways, back-pressure both ways, and how it ended. */
export interface Channel {
  /** What the command wrote to standard output, in the chunks in which it came. Ends when the command's output does. */
  readonly stdout: AsyncIterable<Uint8Array>
  /** The same for standard error. Must be consumed, or discarded, for the command to go on. */
  readonly stderr: AsyncIterable<Uint8Array>
  /** Resolves when the bytes were taken and more may be sent. After the end of the channel it resolves and does nothing. */
  write(bytes: Uint8Array | string): Promise<void>
  /** Closes the command's standard input. */
  end(): void
  /** Resolves once, after both outputs have ended. Never rejects. */
  readonly ended: Promise<ChannelEnd>
}

/** A lost connection is never success: nobody knows how the command ended. */
export type ChannelEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'lost'; readonly because: string }

/** Counts of one connection; bytes are those of the TCP stream where the transport can see it, else of the channels. */
export interface Wire {
  readonly connections: number
  /** Jump hosts on the way, each one more connection, not counted above; absent where there are none. */
  readonly hops?: number
  readonly channels: number
  readonly bytesSent: number
  readonly bytesReceived: number
}
