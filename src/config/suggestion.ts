/** The known word that was most likely meant, or nothing when none is near enough to be a slip of the finger. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3))
  const near = known
    .filter((candidate) => isBeginning(word, candidate) || Math.abs(candidate.length - word.length) <= limit)
    .map((candidate) => ({
      candidate,
      distance: isBeginning(word, candidate) ? 1 : distanceOf(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ distance }) => distance <= limit)
    .sort((one, other) => one.distance - other.distance)
  return near[0]?.candidate
}

/** A hint that names the word that was meant, or else says what there is to choose from. */
export function didYouMean(word: string, known: readonly string[], otherwise?: string): string | undefined {
  const meant = nearest(word, known)
  return meant === undefined ? otherwise : `did you mean "${meant}"?`
}

function isBeginning(word: string, candidate: string): boolean {
  return word.length >= 4 && candidate.startsWith(word)
}

/** Letters to change, add, take away, or swap with their neighbour. */
function distanceOf(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= one.length; row++) {
    const above = rows[row - 1] ?? []
    const line = [row]
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1]
      const isSwapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      const swapped = isSwapped ? (rows[row - 2]?.[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
      const replaced = (above[column - 1] ?? 0) + (isSame ? 0 : 1)
      line.push(Math.min((above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1, replaced, swapped))
    }
    rows.push(line)
  }
  return rows[one.length]?.[other.length] ?? 0
}
