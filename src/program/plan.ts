import { type PlanLine, parsePlanLine, planLine } from '../core/past-run.ts'
import { quote, rawShell } from '../core/sh.ts'
import { step } from '../core/step.ts'
import type { PlacedStep, Program } from './program.ts'

/** The shell variable that holds a step's line of the plan: what the host keeps of it, to tell later what a run was about. */
export function plannedLine({ number, task, step: { name, title, timeouts, apply } }: PlacedStep): string {
  const line = planLine({ task, name, title, check: timeouts.check, apply: apply ? timeouts.apply : 0 })
  return `plan_${number}=${quote(line)}`
}

/**
 * The program that a kept plan is of, as far as it is needed to tell a journal by it: its steps can be named and counted, not done.
 * A line that cannot be read becomes a step without a name.
 */
export function readPlan(text: string): Program {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const steps = lines.map((line, index) => placed(parsePlanLine(line) ?? unreadable, index + 1))
  return { text: '', sections: [], steps, data: [], needsRoot: true, canChange: true }
}

const unreadable: PlanLine = { task: '', name: '', title: '', check: 0, apply: 0 }

function placed({ task, name, title, check, apply }: PlanLine, number: number): PlacedStep {
  const made = step({ name, title, timeouts: { check, apply }, ...(apply > 0 && { apply: rawShell(':') }) })
  return { number, task, id: `${task}/${name}`, step: made }
}
