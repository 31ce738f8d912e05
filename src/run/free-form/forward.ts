import type { Host } from '../../core/app.ts'
import type { Forward, Forwarding } from '../../core/free-form.ts'
import type { Machine } from './machine.ts'

export async function forward(_machine: Machine, _ports: Forwarding): Promise<Forward> {
  throw new Error('soon')
}

export async function tunnel(_machine: Machine, _host: Host, _name: string): Promise<Forward> {
  throw new Error('soon')
}
