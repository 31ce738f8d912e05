import { git } from './git.ts'

/** Whether git has a file of a folder, which then is in what others get. */
export async function isTracked(folder: string, file: string): Promise<boolean> {
  const found = await git(['ls-files', '-z', '--', `:(literal)${file}`], { cwd: folder }).catch(() => Buffer.alloc(0))
  return found.length > 0
}
