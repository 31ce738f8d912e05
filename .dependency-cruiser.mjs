/** Imports go one way: what users read first depends on what is below it, and nothing looks back up. */
const only = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: `^${from}/` },
  to: { path: '^(src|tasks|bin|test|scripts|examples)/', pathNot: `^(${[from, ...to].join('|')})(/|$)` },
})

const home = (name, file, library = name) => ({
  name: `one-home-for-${name}`,
  severity: 'error',
  comment: `${name} is used in ${file} alone, so that another library can take its place by a change there.`,
  from: { path: '^src/', pathNot: `^${file}` },
  to: { path: `node_modules/(@types/)?${library}/`, dependencyTypesNot: ['type-only'] },
})

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two modules that need each other can only be read, tested and changed as one.',
      from: {},
      to: { circular: true },
    },
    only(
      'core-is-the-bottom',
      'src/core',
      [],
      'core says what the words mean; it can be read in one sitting because it needs nothing of ours.',
    ),
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'The same input gives the same program: core does no I/O, and no library decides what our words mean.',
      from: { path: '^src/core/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'], pathNot: '^(node:)?crypto$' },
    },
    only(
      'program-knows-core',
      'src/program',
      ['src/core'],
      'Steps become shell text without knowing which steps there are, or what carries the text.',
    ),
    only(
      'transport-knows-core',
      'src/transport',
      ['src/core'],
      'What carries bytes to a host must not know what they are for.',
    ),
    only(
      'render-knows-core',
      'src/render',
      ['src/core'],
      'Renderers see events alone, so that what people and programs see is the same run.',
    ),
    only(
      'source-knows-core',
      'src/source',
      ['src/core'],
      'What a commit holds is asked of git, whoever wants to know.',
    ),
    only(
      'recipes-know-core',
      'src/recipes',
      ['src/core', 'src/source', 'src/steps'],
      'A framework is data and a step or two over what every site shares.',
    ),
    only(
      'steps-know-core',
      'src/steps',
      ['src/core', 'src/source'],
      'A step says what should be so on a host; how it gets there is not its business.',
    ),
    only(
      'config-knows-core',
      'src/config',
      ['src/core'],
      "A person's words become an App before anything is done with it.",
    ),
    only(
      'run-ties-them',
      'src/run',
      ['src/core', 'src/program', 'src/config/template.ts'],
      'A run gets its connections and its listeners handed in, so that tests can hand in others.',
    ),
    only(
      'sandbox-is-apart',
      'src/sandbox',
      ['src/core'],
      'Sandbox hosts are machines like any other to the rest of the program.',
    ),
    only(
      'init-only-writes',
      'src/init',
      ['src/core', 'src/config', 'src/recipes', 'src/source'],
      'What a new config says is told by the files that are there and by answers, whoever asked for them.',
    ),
    only(
      'doctor-asks-and-judges',
      'src/doctor',
      [
        'src/core',
        'src/source',
        'src/transport/deadline.ts',
        'src/program/bootstrap.ts',
        'src/run/(sudo|bootstrap-failure).ts',
      ],
      'What is found is data; connections are handed in, and cli shows it.',
    ),
    only(
      'project-finds-and-prepares',
      'src/project',
      [
        'tasks',
        'src/(core|config|run|sandbox|source|steps)',
        'src/transport/(ssh|local).ts',
        'src/render/printable.ts',
      ],
      'What a folder has to run, and how a run of it is made ready, is the same for a person and a program; neither is known here.',
    ),
    only(
      'library-starts',
      'src/library',
      ['src/(core|config|run|project)', 'src/index.ts'],
      'For programs: what they want is read, and handed on; what a terminal is nobody here knows.',
    ),
    only(
      'testing-runs-on-stand-ins',
      'src/testing',
      [
        'src/(core|run|config)',
        'src/library/(arguments|options).ts',
        'src/program/command.ts',
        'src/transport/local.ts',
      ],
      "People's tests run their tasks as a run does, on machines that stand for hosts; no host is reached from here.",
    ),
    {
      name: 'only-the-door-to-the-terminal',
      severity: 'error',
      comment: 'cli is where the program meets a person; nothing below may lean on that.',
      from: { path: '^(src|tasks)/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'tasks-use-the-public-door',
      severity: 'error',
      comment: 'The built-in tasks show how a person writes their own, so they may use only what a person can.',
      from: { path: '^(tasks/|tasks\\.config\\.ts|examples/)' },
      to: { path: '^src/', pathNot: '^src/index\\.ts$' },
    },
    {
      name: 'nobody-below-the-door',
      severity: 'error',
      comment:
        'The public door shows what is behind it; what is behind it must not come in through it, but to hand it to modules of a project.',
      from: { path: '^src/', pathNot: '^src/(cli/|door\\.ts$|library/door\\.ts$)' },
      to: { path: '^src/(index|door)\\.ts$' },
    },
    home('node-ssh', 'src/transport/', '(node-ssh|ssh2)'),
    home('listr2', 'src/render/listr.ts'),
    home('inquirer', 'src/cli/prompts.ts', '(inquirer|@inquirer)'),
    home('cosmiconfig', 'src/config/explorer.ts'),
    home('jiti', 'src/config/load-module.ts'),
    home('nunjucks', 'src/config/template.ts'),
    home('tinyglobby', 'src/run/made.ts'),
    home('commander', 'src/cli/', '(commander|@commander-js)'),
    home('zod', 'src/config/(schema|check).ts'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
