export { type Kind, kinds } from './kinds.ts'
export { commitFiles, makeKind } from './make-kind.ts'
