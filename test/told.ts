/** Says in one line why tests are skipped, where there is a reason; gives the reason back. */
export function toldWhy(tests: string, because: string | undefined): string | undefined {
  if (because !== undefined) console.log(`skipped: ${tests}, because ${because}`)
  return because
}
