import { type Ending, endingOf } from '../ending.ts'
import { type Around, completionAnswer } from './answer.ts'

/** Answers a shell's script. Whatever the project's modules print or throw meanwhile, nothing else is said: the prompt stays as it is. */
export async function complete(words: readonly string[], around: Around): Promise<Ending> {
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }))
  for (const { stream } of streams) stream.write = () => true
  try {
    return { exitCode: 0, out: await completionAnswer(words, around) }
  } catch (error) {
    return { exitCode: endingOf(error).exitCode }
  } finally {
    for (const { stream, write } of streams) stream.write = write
  }
}
