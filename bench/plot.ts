import { medianOf } from './goals.ts'
import type { Results } from './results.ts'
import { rows } from './rows.ts'

const [width, height] = [760, 420]
const frame = { left: 60, top: 20, right: 190, bottom: 50 }
const colours = ['#0b7a3b', '#63b37f', '#555555', '#1f6fb2', '#8a3ab9', '#c4541c', '#b3261e']
const lowest = 0.2

interface Curve {
  readonly name: string
  readonly colour: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

/** The time of a run with nothing to do against the round trip to its host, one line for each tool, as SVG; the seconds grow by powers. */
export function plot(results: Results): string {
  const measured = rows.filter(
    ({ scenario, hosts, bandwidth }) => scenario === 'no-op' && hosts === 1 && bandwidth === undefined,
  )
  const secondsOf = (tool: string) => measured.map(({ id }) => medianOf(results, id, tool, 'wall'))
  const highest = Math.max(10, ...results.tools.flatMap(({ id }) => secondsOf(id)).filter(Number.isFinite)) * 1.2
  const x = (roundTrip: number) => Math.round(frame.left + (roundTrip / 150) * (width - frame.left - frame.right))
  const y = (seconds: number) => {
    const share = Math.log(seconds / lowest) / Math.log(highest / lowest)
    return Math.round(height - frame.bottom - share * (height - frame.top - frame.bottom))
  }
  const curves = results.tools.map(({ id, name }, index): Curve => {
    const points = secondsOf(id).map((seconds, at) => ({ x: x(measured[at]?.roundTrip ?? 0), y: y(seconds) }))
    return { name, colour: colours[index] ?? 'black', points: points.filter((point) => Number.isFinite(point.y)) }
  })
  const marks = [0.2, 0.5, 1, 2, 5, 10, 20, 50].filter((seconds) => seconds <= highest)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    '<title>A run with nothing to do: seconds against milliseconds of round trip</title>',
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...marks.map((seconds) => rule(y(seconds), `${seconds} s`)),
    ...measured.map(({ roundTrip }) => text(x(roundTrip), height - frame.bottom + 20, `${roundTrip} ms`)),
    text(x(75), height - 8, 'round trip'),
    ...apart(curves).map(curve),
    '</svg>',
    '',
  ].join('\n')
}

function rule(y: number, label: string): string {
  const line = `<path d="M${frame.left} ${y}H${width - frame.right}" stroke="#ddd"/>`
  return `${line}<text x="${frame.left - 8}" y="${y + 4}" text-anchor="end">${label}</text>`
}

function text(x: number, y: number, words: string): string {
  return `<text x="${x}" y="${y}" text-anchor="middle">${words}</text>`
}

function curve({ name, colour, points, label }: Curve & { readonly label: number }): string {
  const path = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('')
  const end = points.at(-1)
  const right = width - frame.right
  const lead = end === undefined ? '' : `<path d="M${end.x + 2} ${end.y}L${right + 12} ${label}" stroke="${colour}"/>`
  const line = `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`
  return `${line}${lead}<text x="${right + 16}" y="${label + 4}" fill="${colour}">${name}</text>`
}

/** Gives each name a place beside its line's end, none over another. */
function apart(curves: readonly Curve[]): readonly (Curve & { readonly label: number })[] {
  const endOf = ({ points }: Curve) => points.at(-1)?.y ?? 0
  let free = 0
  return curves
    .toSorted((one, other) => endOf(one) - endOf(other))
    .map((curve) => {
      const label = Math.max(endOf(curve), free)
      free = label + 16
      return { ...curve, label }
    })
}
