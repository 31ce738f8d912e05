import type { Ask } from '../core/ask.ts'
import { TasksError } from '../core/errors.ts'
import type { AskFreely } from '../core/free-form.ts'

/** A function's own questions. Where nobody can be asked, the default is the answer; where there is none, that is a `usage` error. */
export function askFreely(ask: Ask): AskFreely {
  const text: (...asked: Parameters<AskFreely>) => Promise<string> = async (message, options = {}) => {
    const { default: usual, choices, hide } = options
    if (ask.text) return await ask.text({ message, default: usual, choices, hide })
    if (usual !== undefined) return usual
    throw nobodyToAsk(message)
  }
  const confirm: AskFreely['confirm'] = async (message, { default: usual } = {}) => {
    if (ask.confirm) return await ask.confirm({ message, default: usual ?? false })
    if (usual !== undefined) return usual
    throw nobodyToAsk(message)
  }
  return Object.assign(text, { confirm })
}

function nobodyToAsk(question: string): TasksError {
  return new TasksError({
    code: 'usage',
    message: `Cannot ask ${JSON.stringify(question)}, because standard input is not a terminal.`,
    hint: 'run it in a terminal, or give the answer with a parameter',
  })
}
