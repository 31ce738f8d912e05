import { expect, test } from 'vitest'
import { pythonMismatch, pythonWish } from '../../../src/recipes/django/python-wish.ts'
import { givenFiles } from '../../../src/recipes/project-files.ts'

test.each([
  ['.python-version', '# the one we use\n3.12.4\n', '3.12', false],
  ['.python-version', 'cpython-3.11', '3.11', false],
  ['runtime.txt', 'python-3.9.18 # as on the old host\n', '3.9', false],
  ['Pipfile', '[requires]\npython_version = "3.10"\n', '3.10', false],
  ['pyproject.toml', '[project]\nrequires-python = ">=3.12,<4"\n', '3.12', true],
  ['pyproject.toml', "requires-python = '<4, >= 3.10'\n", '3.10', true],
])('reads the wish for a Python from %s: %j', (from, text, version, isMinimum) => {
  expect(pythonWish(givenFiles({ [from]: text }), '.')).toEqual({ version, isMinimum, from })
})

test.each([
  ['.python-version', 'pypy3.9-7.3\n'],
  ['.python-version', '# 3.12\n'],
  ['pyproject.toml', '[tool.black]\ntarget-version = "3.12"\n'],
])('finds no wish in %s: %j', (from, text) => {
  expect(pythonWish(givenFiles({ [from]: text }), '.')).toBeUndefined()
})

test('takes the word of the file beside manage.py before that of the root', () => {
  const files = givenFiles({ 'src/.python-version': '3.13', '.python-version': '3.9' })
  expect(pythonWish(files, 'src')).toEqual({ version: '3.13', isMinimum: false, from: 'src/.python-version' })
})

test.each([
  ['3.13', false, '3.11.2', '".python-version" wants Python 3.13, and the host has 3.11.2.'],
  ['3.9', false, '3.11.2', '".python-version" wants Python 3.9, and the host has 3.11.2.'],
  ['3.12', true, '3.11.2', '".python-version" wants Python 3.12 or newer, and the host has 3.11.2.'],
  ['3.9', true, '3.11.2', undefined],
  ['3.11', false, '3.11.2', undefined],
])('compares the wish for %s (or newer: %s) with the %s of the host', (version, isMinimum, has, expected) => {
  expect(pythonMismatch({ version, isMinimum, from: '.python-version' }, has)).toBe(expected)
})
