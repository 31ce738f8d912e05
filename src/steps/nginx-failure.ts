import type { Explanation, News, Said } from '../core/step.ts'

interface Attempt {
  /** What cannot be done, in the words of a message: `serve sites with nginx`. */
  readonly deed: string
  /** The files that are written for it. What nginx refuses in another one is not of our making. */
  readonly files?: readonly string[] | undefined
}

/** Finds in what nginx said which line of which file it refuses, and what helps. */
export function explainNginx({ output }: Pick<Said, 'output'>, { deed, files }: Attempt): Explanation | undefined {
  return portTaken(output, deed) ?? refused(output, { deed, files }) ?? inTheWay(output, deed)
}

/** A name that two sites of nginx answer to is worth a warning: only the first of them ever does. */
export function nameConflicts(output: string): readonly News[] {
  return [...output.matchAll(/\[warn\] (?:\d+#\d+: )?conflicting server name "([^"]+)"/g)].map(([, server]) => ({
    kind: 'warning',
    message: `Another site of nginx already answers for "${server}".`,
    hint: `find it: grep -rn "${server}" /etc/nginx`,
  }))
}

function portTaken(output: string, deed: string): Explanation | undefined {
  const port = /bind\(\) to \S+?:(\d+) failed \(98/.exec(output)
  if (!port) return undefined
  const holder = /users:\(\("([^"]+)"/.exec(output)?.[1]
  const who = holder === undefined ? 'another program' : `"${holder}"`
  return {
    message: `Cannot ${deed}, because ${who} already listens on port ${port[1]}.`,
    hint: `stop it for good: systemctl disable --now ${holder ?? 'ITS-UNIT'}`,
  }
}

function refused(output: string, { deed, files }: Attempt): Explanation | undefined {
  const [all, complaint, path, line] = /\[emerg\] (?:\d+#\d+: )?(.*?)(?: in (\/\S+):(\d+))?$/m.exec(output) ?? []
  if (all === undefined) return undefined
  const isOurs = path === undefined || files === undefined || files.includes(path)
  if (path === undefined) {
    return {
      message: `Cannot ${deed}, because nginx refuses its configuration: ${complaint}.`,
      hint: 'see it on the host: nginx -t',
    }
  }
  return isOurs
    ? {
        message: `Cannot ${deed}, because nginx refuses its configuration at ${path}:${line}: ${complaint}.`,
        hint: `correct ${path}, then see: nginx -t`,
      }
    : {
        message: `Cannot ${deed}, because nginx refuses a file that is not of our making, at ${path}:${line}: ${complaint}.`,
        hint: `correct ${path} or take it away, then see: nginx -t`,
      }
}

function inTheWay(output: string, deed: string): Explanation | undefined {
  if (/is masked/.test(output)) {
    return {
      message: `Cannot ${deed}, because somebody masked nginx.service on the host.`,
      hint: 'if nobody needs that any more: systemctl unmask nginx.service',
    }
  }
  if (output.includes('is not a symbolic link')) {
    return {
      message: `Cannot ${deed}, because a file stands where nginx's link must be.`,
      hint: 'look at it, and move it to /etc/nginx/sites-available',
    }
  }
  return output.includes('still trying its configuration')
    ? {
        message: `Cannot ${deed}, because another run has been at nginx's configuration for two minutes.`,
        hint: 'run the same command again when it has ended',
      }
    : undefined
}
