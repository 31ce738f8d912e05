import { describe, expect, test } from 'vitest'
import { findRequirements, readRequirements } from '../../../src/recipes/django/requirements.ts'
import { givenFiles } from '../../../src/recipes/project-files.ts'

const hashOf = (texts: Readonly<Record<string, string>>) => findRequirements(givenFiles(texts), '.').hash

describe('requirements', () => {
  test.each([
    [['requirements.txt', 'src/requirements.txt'], 'src', 'src/requirements.txt'],
    [['requirements.txt'], 'apps/site', 'requirements.txt'],
    [
      ['requirements/production.txt', 'requirements/base.txt', 'requirements/local.txt'],
      '.',
      'requirements/production.txt',
    ],
    [['requirements/base.txt', 'requirements/local.txt'], 'src', 'requirements/base.txt'],
    [['requirements/production.txt', 'requirements.txt'], '.', 'requirements.txt'],
  ])('of %j, for manage.py in "%s", are in "%s"', (paths, directory, expected) => {
    const files = givenFiles(Object.fromEntries(paths.map((path) => [path, 'Django\n'])))
    expect(findRequirements(files, directory).path).toBe(expected)
  })

  test('name the packages that are asked for, in whatever way', () => {
    const lines = [
      'Django[argon2]>=5,<6 ; python_version > "3.9"  # the framework',
      '# commented==1',
      'Psycopg2_Binary == 2.9 \\',
      '    --hash=sha256:0123',
      'whitenoise',
      'tool @ https://example.com/tool.zip',
      'git+https://example.com/it.git#egg=Other.Tool',
      '-e git+https://example.com/it.git@main#egg=edited',
      '--no-binary :all:',
      '',
    ]
    const { packages } = readRequirements(givenFiles({ 'r.txt': lines.join('\r\n') }), 'r.txt')
    expect(packages).toEqual(['django', 'psycopg2-binary', 'whitenoise', 'tool', 'other-tool', 'edited'])
  })

  test('follow what is included, once each, and do not take constraints for wishes', () => {
    const files = givenFiles({
      'requirements/production.txt': '-r base.txt\n--requirement=../more.txt\n',
      'requirements/base.txt': '-c limits.txt\nDjango\n-r production.txt\n',
      'requirements/limits.txt': '-r pins.txt\ngunicorn<99\n',
      'requirements/pins.txt': 'uvicorn==1\n',
      'more.txt': 'redis\n',
    })
    const { files: read, packages } = readRequirements(files, 'requirements/production.txt')
    expect(read).toEqual([
      'requirements/production.txt',
      'requirements/base.txt',
      'requirements/limits.txt',
      'requirements/pins.txt',
      'more.txt',
    ])
    expect(packages).toEqual(['django', 'redis'])
  })

  test('have another hash when only an included file changes', () => {
    const texts = { 'requirements.txt': '-r base.txt\n', 'base.txt': 'Django==5.2.1\n', 'README.md': 'a' }
    expect(hashOf({ ...texts, 'README.md': 'b' })).toBe(hashOf(texts))
    expect(hashOf({ ...texts, 'base.txt': 'Django==5.2.2\n' })).not.toBe(hashOf(texts))
  })

  test.each(['-e .', '.', './vendor/tool.whl', 'vendor/tool-1.0.tar.gz', '--editable ../lib', '.[all]'])(
    'know that "%s" comes from the source',
    (line) => {
      const { localPaths, packages } = readRequirements(givenFiles({ 'r.txt': `${line}\n` }), 'r.txt')
      expect({ localPaths, packages }).toEqual({ localPaths: [line], packages: [] })
    },
  )

  test('are the dependencies of pyproject.toml where no file lists any', () => {
    const text = [
      '[build-system]',
      'requires = ["setuptools"]',
      '[project]',
      'name = "site"',
      'dependencies = [',
      '  "Django[argon2]>=5.2",  # "not" this',
      "  'gunicorn',",
      ']',
      '[project.optional-dependencies]',
      'dependencies = ["pytest"]',
    ]
    const found = findRequirements(givenFiles({ 'pyproject.toml': text.join('\n') }), 'src')
    expect(found).toMatchObject({
      kind: 'pyproject',
      path: 'pyproject.toml',
      lines: ['Django[argon2]>=5.2', 'gunicorn'],
      packages: ['django', 'gunicorn'],
    })
  })
})

describe('a project is refused', () => {
  const refusal = (texts: Readonly<Record<string, string>>, directory = '.') => {
    try {
      findRequirements(givenFiles(texts), directory)
    } catch (error) {
      return error
    }
    return undefined
  }

  test('when nothing tells its packages', () => {
    expect(refusal({ 'src/manage.py': '' }, 'src')).toMatchObject({
      code: 'config',
      message:
        'Cannot know which packages the site needs, because there is no requirements.txt beside "src/manage.py" or above it.',
      hint: 'commit one, for example: pip freeze > requirements.txt',
    })
  })

  test.each([
    [
      { 'uv.lock': '', 'pyproject.toml': '' },
      'uv.lock',
      'uv export --no-hashes --no-dev --no-emit-project > requirements.txt',
    ],
    [
      { 'poetry.lock': '', 'pyproject.toml': '[tool.poetry]' },
      'poetry.lock',
      'poetry export --without-hashes > requirements.txt',
    ],
    [{ Pipfile: '' }, 'Pipfile', 'pipenv requirements > requirements.txt'],
  ])('when pip cannot read where they are: %j', (texts, file, command) => {
    expect(refusal(texts)).toMatchObject({
      message: `Cannot install the site's packages, because they are listed in "${file}" alone, and there is no requirements.txt.`,
      hint: `commit one: ${command}`,
    })
  })

  test('when an included file is not in the commit', () => {
    expect(refusal({ 'requirements.txt': '-r requirements/base.txt' })).toMatchObject({
      message:
        'Cannot install the site\'s packages, because "requirements.txt" includes "requirements/base.txt", which is not in the commit.',
      hint: 'commit the file: git add requirements/base.txt',
    })
  })

  test('when the file that the config names is not in the commit', () => {
    expect(() => readRequirements(givenFiles({}), 'deps.txt')).toThrow(
      'Cannot install the site\'s packages, because "deps.txt" is not in the commit.',
    )
  })
})
