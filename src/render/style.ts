import { styleText } from 'node:util'

/** What a piece of text is, for people; how that looks is decided here and nowhere else. */
export type Style =
  | 'plain'
  | 'strong'
  | 'faint'
  | 'good'
  | 'pending'
  | 'later'
  | 'bad'
  | 'warning'
  | 'removed'
  | 'added'
  | 'place'
  | 'busy'

export type Paint = (style: Style, text: string) => string

/** Colours text, or leaves it alone. The environment is not asked: whoever calls has decided. */
export function paintWith(colors: boolean): Paint {
  if (!colors) return (_, text) => text
  return (style, text) => {
    const look = style === 'plain' || text === '' ? undefined : looks[style]
    return look === undefined ? text : styleText([...look], text, { validateStream: false })
  }
}

type Look = Extract<Parameters<typeof styleText>[0], readonly unknown[]>[number]

const looks: Readonly<Record<Exclude<Style, 'plain'>, readonly Look[]>> = {
  strong: ['bold'],
  faint: ['dim'],
  good: ['green'],
  pending: ['yellow'],
  later: ['cyan'],
  bad: ['red'],
  warning: ['bold', 'yellow'],
  removed: ['red'],
  added: ['green'],
  place: ['cyan'],
  busy: ['cyan'],
}
