import path from 'node:path'
import { findConfig } from '../config/find.ts'
import { configName, loadApp } from '../config/load-app.ts'
import { isTasksError, TasksError } from '../core/errors.ts'
import type { Answers } from '../init/answers.ts'
import { nextLines } from '../init/next-lines.ts'
import { type Draft, place } from '../init/place.ts'
import { configFile, exampleFile, planFiles } from '../init/plan.ts'
import { djangoTroubles, findProject } from '../init/project.ts'
import { taskList } from '../project/task-list.ts'
import { folderFiles, type ProjectFiles } from '../recipes/project-files.ts'
import { commitAt } from '../source/commit.ts'
import { door } from './door.ts'
import { type Ending, endingOf } from './ending.ts'
import type { InitFlags } from './init-flags.ts'
import { askAll, foundLine } from './init-questions.ts'

/** From what is in a folder to a config that loads. Nothing is written before the last question is answered. */
export async function init(flags: InitFlags, root: string): Promise<Ending> {
  try {
    const files = await folderFiles(root)
    const project = findProject(files)
    const before = await configBefore(root, flags)
    const { answers, assumed } = await askAll(project, flags)
    const plan = await planFiles(root, answers, {
      replacesConfig: before.isReplaced,
      replacesExample: flags.force === true,
    })
    await placeWhole(root, plan.drafts)
    return said([
      [foundLine(project, answers.directory)],
      assumed.map((words) => `Taken: ${words}.`),
      [...plan.drafts.map(draftLine), ...plan.notes, ...before.notes],
      await troublesOf(root, files, answers),
      nextLines(
        answers,
        plan.drafts.some((draft) => draft.path === exampleFile),
      ),
    ])
  } catch (error) {
    return endingOf(error)
  }
}

interface Before {
  readonly isReplaced: boolean
  readonly notes: readonly string[]
}

/** A config that holds for this folder, here or above it, is told; another one is made beside it only where somebody wants that. */
async function configBefore(root: string, flags: InitFlags): Promise<Before> {
  const found = await findConfig(root)
  if (found === undefined) return { isReplaced: false, notes: [] }
  const name = configName(found, root)
  if (flags.force !== true) await agreed(name, flags)
  const isReplaced = name === configFile
  const isHere = path.dirname(found.path) === root
  const words = isHere ? 'is read no longer: tasks.config.ts goes before it.' : 'no longer holds for this folder.'
  return { isReplaced, notes: isReplaced ? [] : [`${name} ${words}`] }
}

async function agreed(name: string, { yes }: InitFlags): Promise<void> {
  if (process.stdin.isTTY && yes !== true) {
    const { confirmed } = await import('./prompts.ts')
    const question =
      name === configFile
        ? `There is a ${name} already. Replace it?`
        : `There is a config already: ${name}. Make another one here?`
    if (await confirmed(question)) return
  }
  throw new TasksError({
    code: 'usage',
    message: `Cannot write a config, because there is one already: "${name}".`,
    hint: `change that one, or add --force to ${name === configFile ? 'replace it' : 'make another one here'}`,
  })
}

/** What is written has been loaded before as it will be loaded later. Ctrl-C meanwhile leaves nothing. */
async function placeWhole(root: string, drafts: readonly Draft[]): Promise<void> {
  let isStopped = false
  const stop = () => {
    isStopped = true
  }
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of names) process.on(name, stop)
  try {
    await place(root, drafts, async (folder) => {
      const config = path.join(folder, configFile)
      await loadApp({ cwd: root, config, door })
      await taskList({ cwd: root, config, door })
      await new Promise(setImmediate) // a signal is heard between two turns
      if (isStopped) throw new TasksError({ code: 'interrupted', message: 'Stopped, and nothing was written.' })
    })
  } finally {
    for (const name of names) process.off(name, stop)
  }
}

async function troublesOf(root: string, files: ProjectFiles, { kind, directory }: Answers): Promise<readonly string[]> {
  if (kind !== 'django') return []
  const ofCommit = await commitAt(root, 'HEAD').then(
    () => [],
    (error: unknown) => {
      if (isTasksError(error)) return [error]
      throw error
    },
  )
  const troubles = [...ofCommit, ...djangoTroubles(files, directory)]
  const lines = troubles.flatMap(({ message, hint }) => [message, ...(hint === undefined ? [] : [`→ ${hint}`])])
  return lines.length === 0 ? [] : ['Before the first deploy:', ...lines.map((line) => `  ${line}`)]
}

function draftLine({ path: file, replaces }: Draft): string {
  return `${replaces === true ? 'changed' : 'wrote  '}  ${file}`
}

function said(parts: readonly (readonly string[])[]): Ending {
  const texts = parts.filter((lines) => lines.length > 0).map((lines) => `${lines.join('\n')}\n`)
  return { exitCode: 0, out: texts.join('\n') }
}
