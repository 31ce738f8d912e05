import { expect, it } from 'vitest'
import { isTasksError, TasksError } from '../../src/core/errors.ts'

it('is told from other errors, also when it was made by another copy of the module', async () => {
  const copy = '../../src/core/errors.ts?copy'
  const other = (await import(/* @vite-ignore */ copy)) as typeof import('../../src/core/errors.ts')
  const error = new other.TasksError({ code: 'failed', message: 'Cannot.' })
  expect(other.TasksError).not.toBe(TasksError)
  expect(error).not.toBeInstanceOf(TasksError)
  expect(isTasksError(error)).toBe(true)
  for (const none of [new Error('no'), undefined, null, 'text', { code: 'failed' }])
    expect(isTasksError(none)).toBe(false)
})

it('keeps its code, hint, output and cause', () => {
  const cause = new Error('below')
  const error = new TasksError({ code: 'locked', message: 'Cannot begin.', hint: 'wait', output: 'said', cause })
  expect(error).toMatchObject({
    name: 'TasksError',
    code: 'locked',
    message: 'Cannot begin.',
    hint: 'wait',
    output: 'said',
    cause,
  })
})
