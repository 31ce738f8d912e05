import { defineTask, param, rawShell, sh } from '../src/index.ts'

/** A command of the moment: one word is a line of shell text, several are a command and its arguments, whatever is in them. */
export const exec = defineTask({
  name: 'exec',
  summary: 'Run a command on hosts',
  params: {
    command: param.list(param.text({ summary: 'the command' }), {
      placeholder: 'COMMAND',
      isPositional: true,
      isRequired: true,
    }),
    as: param.text({ summary: 'the user who runs it', placeholder: 'USER', isOptional: true }),
    sudo: param.flag({ summary: 'run it as root' }),
    pty: param.flag({ summary: 'give it a terminal' }),
    timeout: param.number({ summary: 'seconds until it is ended', placeholder: 'SECONDS', isOptional: true }),
  },
  run: async ({ host, params }) => {
    const { command, as = params.sudo ? 'root' : undefined, pty, timeout } = params
    const [line = '', ...others] = command
    const text = others.length === 0 ? rawShell(line) : sh`${command}`
    const options = { pty, isAnswer: true, ...(timeout !== undefined && { timeout }) }
    return as === undefined ? await host.run(text, options) : await host.sudo(text, { ...options, as })
  },
})
