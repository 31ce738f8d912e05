export { type Kind, kinds } from './kinds.ts'
export { commitFiles, makeKind, writeFiles } from './make-kind.ts'
