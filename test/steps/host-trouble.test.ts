import { expect, it } from 'vitest'
import { hostTrouble, pathTrouble } from '../../src/steps/host-trouble.ts'

// What the tools really print, shortened.
it.each([
  [
    'cat: write error: No space left on device\nonly 12 KiB and 4711 files are free at /home/me/sites/x\n',
    'the disk is full: 12 KiB are free at "/home/me/sites/x"',
  ],
  [
    'mkdir: cannot create directory ‘/a’: No space left on device\nonly 900000 KiB and 0 files are free at /a\n',
    'the disk takes no more files: 0 are free at "/a"',
  ],
  ['dash: printf: I/O error\nonly 0 KiB and - files are free at /a b\n', 'the disk is full: 0 KiB are free at "/a b"'],
  ['django.db.utils.OperationalError: database or disk is full', 'the disk is full'],
  ['fatal: write error: Disk quota exceeded', "its user's disk quota is used up"],
  ["mkdir: cannot create directory '/a': Read-only file system", 'a file system of the host is read-only'],
  ['x86_64-linux-gnu-gcc: fatal error: Killed signal terminated program cc1', 'the host ran out of memory'],
  ['Killed\n', 'the host ran out of memory'],
  ['/bin/sh: line 7:  4711 Killed                  python manage.py migrate', 'the host ran out of memory'],
  ['MemoryError', 'the host ran out of memory'],
])('what a host says is told as the reason: %s', (output, because) => {
  expect(hostTrouble({ output, exitCode: 1 }, 'Cannot build')?.message).toBe(`Cannot build, because ${because}.`)
})

it('takes a process that was killed for one that memory did not suffice for', () => {
  expect(hostTrouble({ output: '', exitCode: 137 }, 'Cannot build')?.message).toBe(
    'Cannot build, because the host ran out of memory.',
  )
})

it.each(['Killed 3 of 4 birds: 1', 'ValueError: no space', 'Permission denied'])('is silent about: %s', (output) => {
  expect(hostTrouble({ output, exitCode: 1 }, 'Cannot build')).toBeUndefined()
})

it.each([
  ['mkdir: cannot create directory ‘/a/media’: File exists', 'something else is in the place of "/a/media"'],
  ["mv: cannot overwrite directory '/a/current': Not a directory", 'something else is in the place of "/a/current"'],
  [
    'ls: cannot open directory ‘/a/b’: Too many levels of symbolic links',
    '"/a/b" is a symbolic link that leads to itself',
  ],
  ['sh: 12: cannot create /a/b.new: Permission denied', 'its user may not do that to "/a/b.new"'],
  ['/run/x/program: line 3: /a/b.new: Permission denied', 'its user may not do that to "/a/b.new"'],
  ["PermissionError: [Errno 13] Permission denied: '/a/b'", 'its user may not do that to "/a/b"'],
  ["chmod: changing permissions of '/a': Operation not permitted", 'its user may not do that to "/a"'],
])('what is wrong with a path is told as the reason: %s', (output, because) => {
  expect(pathTrouble({ output, exitCode: 1 }, 'Cannot build')?.message).toBe(`Cannot build, because ${because}.`)
})

it('is silent about a path that it cannot name', () => {
  expect(pathTrouble({ output: 'Permission denied', exitCode: 1 }, 'Cannot build')).toBeUndefined()
})
