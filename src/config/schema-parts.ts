import type { z } from 'zod'

/** What our schemas are made of, as far as the way to a key and what is told of it are concerned. */
interface SchemaParts {
  readonly type: string
  /** What has a default, or may be left out. */
  readonly innerType?: z.core.$ZodType
  /** What a transformed value was made of. */
  readonly in?: z.core.$ZodType
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>
  readonly valueType?: z.core.$ZodType
  readonly element?: z.core.$ZodType
  readonly entries?: Readonly<Record<string, string>>
  readonly defaultValue?: unknown
}

/** Looks into a schema; zod's own types of what is inside differ for each kind. */
export function partsOf(schema: z.core.$ZodType): SchemaParts {
  return schema._zod.def as unknown as SchemaParts
}

/** What is below defaults, optionals and transformations. */
export function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType, in: before } = partsOf(schema)
  const inner = innerType ?? before
  return inner === undefined ? schema : unwrapped(inner)
}
