import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Why no page can be looked at in a browser here. */
export function noBrowser(): string | undefined {
  const missing = ['chromium', 'pdftotext'].filter((program) => !isInstalled(program))
  return missing.length === 0 ? undefined : `${missing.join(' and ')} are not installed`
}

/** The document as it is once a real browser has laid it out, and its scripts have run. */
export async function domIn(file: string): Promise<string> {
  return await chromium(file, ['--dump-dom', '--window-size=1200,900'])
}

/** What can be read on the paper that a real browser prints it on. */
export async function printed(file: string): Promise<string> {
  const pdf = `${file}.pdf`
  await chromium(file, ['--no-pdf-header-footer', `--print-to-pdf=${pdf}`])
  const { stdout } = await run('pdftotext', ['-layout', pdf, '-'], { maxBuffer: 1 << 26 })
  return stdout
}

/** Each time with a profile of its own, which is thrown away; it asks no network for anything. */
async function chromium(file: string, flags: readonly string[]): Promise<string> {
  const profile = mkdtempSync(path.join(tmpdir(), 'tasks-chromium-'))
  const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--hide-scrollbars']
  const apart = ['--disable-background-networking', `--user-data-dir=${profile}`]
  try {
    const { stdout } = await run('chromium', [...quiet, ...apart, ...flags, `file://${file}`], { maxBuffer: 1 << 26 })
    return stdout
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('/bin/sh', ['-c', `command -v ${program}`])
    return true
  } catch {
    return false
  }
}
