import { medianOf } from './goals.ts'
import type { Results } from './results.ts'
import { rows } from './rows.ts'

const [width, height] = [720, 420]
const frame = { left: 60, top: 20, right: 170, bottom: 50 }
const colours = ['#0b7a3b', '#555555', '#1f6fb2', '#8a3ab9', '#c4541c', '#b3261e']

/** The time of a run with nothing to do against the round trip to its host, one line for each tool; seconds on a scale of powers. */
export function plot(results: Results): string {
  const measured = rows.filter(
    ({ scenario, hosts, bandwidth }) => scenario === 'no-op' && hosts === 1 && bandwidth === undefined,
  )
  const lines = results.tools.map(({ id, name }) => ({
    name,
    points: measured
      .map(({ id: row, roundTrip }) => ({ roundTrip, seconds: medianOf(results, row, id, 'wall') }))
      .filter(({ seconds }) => !Number.isNaN(seconds)),
  }))
  const all = lines.flatMap(({ points }) => points.map(({ seconds }) => seconds))
  const [low, high] = [0.2, Math.max(10, ...all) * 1.2]
  const x = (roundTrip: number) => frame.left + (roundTrip / 150) * (width - frame.left - frame.right)
  const y = (seconds: number) =>
    height - frame.bottom - (Math.log(seconds / low) / Math.log(high / low)) * (height - frame.top - frame.bottom)
  const marks = [0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].filter((seconds) => seconds <= high)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<title>A run with nothing to do: seconds against milliseconds of round trip</title>
<rect width="${width}" height="${height}" fill="white"/>
${marks.map((seconds) => `<path d="M${frame.left} ${y(seconds).toFixed(1)}H${width - frame.right}" stroke="#ddd"/><text x="${frame.left - 8}" y="${(y(seconds) + 4).toFixed(1)}" text-anchor="end">${seconds} s</text>`).join('\n')}
${measured.map(({ roundTrip }) => `<text x="${x(roundTrip).toFixed(1)}" y="${height - frame.bottom + 20}" text-anchor="middle">${roundTrip} ms</text>`).join('\n')}
<text x="${x(75).toFixed(1)}" y="${height - 8}" text-anchor="middle">round trip</text>
${spread(
  lines.map(({ name, points }, index) => ({
    name,
    points,
    colour: colours[index] ?? 'black',
    end: y(points.at(-1)?.seconds ?? low),
  })),
)
  .map(
    ({ name, points, colour, end, label }) =>
      `<path d="${points.map((point, index) => `${index === 0 ? 'M' : 'L'}${x(point.roundTrip).toFixed(1)} ${y(point.seconds).toFixed(1)}`).join('')}" fill="none" stroke="${colour}" stroke-width="2"/><path d="M${x(150) + 2} ${end.toFixed(1)}L${x(150) + 12} ${label.toFixed(1)}" stroke="${colour}"/><text x="${x(150) + 16}" y="${(label + 4).toFixed(1)}" fill="${colour}">${name}</text>`,
  )
  .join('\n')}
</svg>
`
}

/** Gives each name a place beside its line's end, none over another. */
function spread<T extends { readonly end: number }>(lines: readonly T[]): readonly (T & { readonly label: number })[] {
  let free = 0
  const sorted = lines.toSorted((one, other) => one.end - other.end)
  return sorted.map((line) => {
    const label = Math.max(line.end, free)
    free = label + 16
    return { ...line, label }
  })
}
