/** `0.4 s`, `12.3 s`, `41 s`, `2 min 5 s`, `1 h 4 min`: as exact as a person cares for. */
export function duration(milliseconds: number): string {
  const tenths = Math.round(Math.max(0, milliseconds) / 100)
  if (tenths < 200) return `${(tenths / 10).toFixed(1)} s`
  return wholeSeconds(milliseconds)
}

/** The same without tenths, for a clock that a person watches. */
export function wholeSeconds(milliseconds: number): string {
  const seconds = Math.round(Math.max(0, milliseconds) / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return joined(`${minutes} min`, seconds % 60, 's')
  return joined(`${Math.floor(minutes / 60)} h`, minutes % 60, 'min')
}

function joined(large: string, small: number, unit: string): string {
  return small === 0 ? large : `${large} ${small} ${unit}`
}
