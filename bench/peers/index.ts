import type { Peer } from '../peer.ts'
import { ansible, mitogen } from './ansible.ts'
import { fabric } from './fabric.ts'
import { floor } from './floor.ts'
import { pyinfra } from './pyinfra.ts'

/** In the order of the tables: the floor, then the tools. */
export const peers: readonly Peer[] = [floor, fabric, pyinfra, mitogen, ansible]
