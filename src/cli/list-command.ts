import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { type AnyTask, type Call, calledTask } from '../core/task.ts'
import { headingOf, type ListedTask } from '../project/task-list.ts'
import type { CommandContext } from './command-context.ts'
import type { Ending } from './ending.ts'
import { flagsOf, type TaskFlag } from './task-flags.ts'

/** `tasks list`: every task by its heading, or all that is known of them as JSON. */
export function listCommand(
  root: CommandUnknownOpts,
  finish: (ending: Ending) => void,
  { tasks }: CommandContext,
): void {
  root
    .command('list')
    .summary('list the tasks')
    .usage('[flags]')
    .option('--json', 'all that is known of each, hidden ones too, as JSON')
    .option('--config <file>', 'the config, instead of the nearest tasks.config.ts')
    .helpOption('-h, --help', 'show this')
    .action(({ json }) => finish({ exitCode: 0, out: json === true ? asJson(tasks) : asText(tasks) }))
}

function asText(tasks: readonly ListedTask[]): string {
  const shown = tasks.filter(({ task }) => task.isHidden !== true)
  const width = Math.max(0, ...shown.map(({ task }) => task.name.length))
  const headings = [...new Set(shown.map(headingOf))]
  const blocks = headings.map((heading) => {
    const rows = shown.filter((one) => headingOf(one) === heading)
    return [heading, ...rows.map(({ task, words }) => `  ${task.name.padEnd(width)}  ${summaryWith(task, words)}`)]
  })
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`
}

function summaryWith({ summary }: AnyTask, [, ...others]: readonly string[]): string {
  return others.length === 0 ? summary : `${summary} (also: ${others.join(', ')})`
}

function asJson(tasks: readonly ListedTask[]): string {
  const told = tasks.map(({ task, words, own }) => ({
    name: task.name,
    summary: task.summary,
    aliases: words.slice(1),
    group: task.group,
    namespace: own?.namespace || undefined,
    isHidden: task.isHidden === true,
    isDefault: task.isDefault === true,
    confirm: task.confirm,
    params: flagsOf(task).map(paramWords),
    needs: Object.values(task.needs as Readonly<Record<string, AnyTask | Call>>).map(
      (needed) => calledTask(needed).name,
    ),
    then: task.then.map((follower: AnyTask | Call) => calledTask(follower).name),
    file: own?.file,
  }))
  return `${JSON.stringify(told, undefined, 2)}\n`
}

function paramWords({ name, param, long, short, variable, isPositional }: TaskFlag) {
  return {
    name,
    kind: param.form ?? 'value',
    summary: param.summary,
    ...(isPositional ? { isPositional } : { flag: `--${long}`, short: short === undefined ? undefined : `-${short}` }),
    variable,
    isRequired: param.isRequired,
    default: param.default,
    choices: param.choices,
    placeholder: param.placeholder,
  }
}
