/** Why a host does not connect us to a place: the reason's number of RFC 4254, and its words. To follow "because". */
export function whyRefused(reason: unknown, words: string): string {
  if (reason === 1) return 'its SSH server forbids it'
  return words.replace(/^\(SSH\) Channel open failure: /, '') || 'the host refused'
}
