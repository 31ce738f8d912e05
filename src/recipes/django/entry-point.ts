/** Which settings module a manage.py or wsgi.py names. */
export interface EntryPoint {
  /** Undefined where it names none, or computes the name. */
  readonly settings: string | undefined
  /** Set by assignment: the environment has no say. By `setdefault`, it has. */
  readonly isAssigned: boolean
}

/** Reads it from the source text. */
export function entryPoint(source: string): EntryPoint {
  const code = source.replace(/^\s*#.*$/gm, '')
  const assigned = /environ\[\s*(['"])DJANGO_SETTINGS_MODULE\1\s*\]\s*=\s*(['"])([\w.]+)\2/.exec(code)?.[3]
  const suggested = /setdefault\(\s*(['"])DJANGO_SETTINGS_MODULE\1\s*,\s*(['"])([\w.]+)\2/.exec(code)?.[3]
  return { settings: assigned ?? suggested, isAssigned: assigned !== undefined }
}
