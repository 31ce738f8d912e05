import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { content, secret } from '../../../src/core/data.ts'
import { rawShell, sh } from '../../../src/core/sh.ts'
import { hostValue } from '../../../src/core/step.ts'
import { until } from '../../hosts/until.ts'
import { machine, shells } from '../../program/harness.ts'
import { hostileValues } from '../../steps/hostile-values.ts'
import { hostOn, type Tried } from './on.ts'

const me = userInfo().username
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

for (const shell of shells) {
  describe(`a command of a free-form task, where sh is ${shell}`, () => {
    let tried: Tried
    let folder: string

    beforeEach(async () => {
      const here = machine(shell)
      folder = here.folder
      tried = hostOn(await here.connect())
    })

    it('gives both outputs, the exit code and whose it was', async () => {
      const result = await tried.host.run(sh`echo out; echo err >&2; exit 3`, { ok: [0, 3] })
      expect(result).toMatchObject({
        host: 'web1',
        command: 'echo out; echo err >&2; exit 3',
        stdout: 'out\n',
        stderr: 'err\n',
        exitCode: 3,
        isOk: false,
      })
    })

    it('finds nothing of what brought it, and nothing to read', async () => {
      const { stdout } = await tried.host.run(sh`set | grep -c '^tasks_'; echo "$#"; cat; [ -t 0 ] || echo over`)
      expect(stdout).toBe('0\n0\nover\n')
    })

    it('gets hostile values as they are, in its text and in its environment', async () => {
      const names = Object.keys(hostileValues)
      const host = tried.host.env(hostileValues)
      const words = names.flatMap((name) => [sh`printf '%s\0' ${hostileValues[name] ?? ''}`, nulAfter(name)])
      const { stdout } = await host.run(joined(words))
      expect(stdout).toBe(names.map((name) => `${hostileValues[name]}\0`.repeat(2)).join(''))
    })

    it.each([
      ['a here-document without its end', rawShell('cat <<END\nabc'), 'abc'],
      ['a backslash at the end', rawShell('echo a\\'), 'a\\'],
      ['a comment at the end', sh`echo a # no more`, 'a\n'],
      ['what looks like its own end', sh`echo '#tasks-'; : "\${tasks_end-}" }`, '#tasks-\n'],
    ])('with %s is read by itself', async (_, command, stdout) => {
      expect((await tried.host.run(command, { ok: 'any' })).stdout.trimEnd()).toBe(stdout.trimEnd())
    })

    it('of megabytes is run whole', async () => {
      const long = 'ü'.repeat(1_000_000)
      expect((await tried.host.run(sh`printf %s ${long} | wc -c`)).stdout.trim()).toBe('2000000')
    })

    it('reads 300 000 random bytes as they are, and gives as many', async () => {
      const bytes = randomBytes(300_000)
      const { stdout } = await tried.host.run(sh`tee ${join(folder, 'copy')} | sha256sum`, { input: bytes })
      expect(stdout.slice(0, 64)).toBe(digest(bytes))
      expect(digest(readFileSync(join(folder, 'copy')))).toBe(digest(bytes))
      const streamed = Readable.from([bytes.subarray(0, 7), bytes.subarray(7)])
      expect((await tried.host.run(sh`sha256sum`, { input: streamed })).stdout.slice(0, 64)).toBe(digest(bytes))
    })

    it('that leaves most of its input unread ends all the same', async () => {
      expect((await tried.host.run(sh`head -c 3`, { input: 'abc'.repeat(1_000_000) })).stdout).toBe('abc')
    })

    it('leaves to the next what an earlier one would have read', async () => {
      expect((await tried.host.run(sh`read -r a; read -r b; cat; echo "$b$a"`, { input: '1\n2\n3\n' })).stdout).toBe(
        '3\n21\n',
      )
    })

    it('whose input cannot be had is ended, with the reason that its stream gives', async () => {
      const broken = (async function* () {
        yield Buffer.from('some')
        throw new Error('the disk is gone')
      })()
      await expect(tried.host.run(sh`cat >/dev/null; sleep 1000`, { input: broken })).rejects.toThrow(
        'the disk is gone',
      )
    })

    it('runs in the folder of its scope, through links and hostile names', async () => {
      const name = ` it's $(id) "x"\n-`
      mkdirSync(join(folder, name, '-', 'inner'), { recursive: true })
      const there = tried.host.cd(folder).cd(name).cd('-')
      expect((await there.run(sh`pwd`)).stdout).toBe(`${folder}/${name}/-\n`)
      expect((await there.run(sh`pwd`, { cwd: 'inner/..' })).stdout).toBe(`${folder}/${name}/-\n`)
      expect((await there.cd('/').cd('tmp').run(sh`pwd`)).stdout).toBe('/tmp\n')
      const home = (await tried.host.run(sh`pwd`)).stdout
      expect((await there.cd('~').run(sh`pwd`)).stdout).toBe(home)
      expect((await there.cd('~/.').run(sh`pwd`)).stdout).toBe(home)
    })

    it('does not begin where its folder is missing, or none', async () => {
      writeFileSync(join(folder, 'file'), '')
      const touching = sh`touch ${join(folder, 'begun')}`
      await expect(tried.host.cd(folder).run(touching, { cwd: 'absent' })).rejects.toMatchObject({
        code: 'failed',
        message: `Cannot run "touch ${folder}/begun" on "web1" in the folder "${folder}/./absent", because there is no such folder.`,
        hint: 'correct the folder, or make it before',
      })
      await expect(tried.host.cd(folder).cd('file').run(touching)).rejects.toMatchObject({
        message: `Cannot run "touch ${folder}/begun" on "web1" in the folder "${folder}/./file", because it is not a folder.`,
      })
      expect(existsSync(join(folder, 'begun'))).toBe(false)
    })

    it('that fails is told with its last words', async () => {
      await expect(tried.host.run(sh`echo before; echo why >&2; exit 7`)).rejects.toMatchObject({
        code: 'failed',
        message: 'The command "echo before; echo why >&2; exit 7" on "web1" ended with exit code 7.',
        hint: 'if that is no failure, allow it with ok: [0, 7]',
        output: 'why',
      })
      await expect(tried.host.run(sh`no-such-program-x 2>/dev/null`)).rejects.toMatchObject({
        hint: `install what it calls, or name it by its path: it is not in the PATH of ${me}`,
      })
      await expect(tried.host.run(sh`/etc/passwd`)).rejects.toMatchObject({
        hint: `make what it calls executable for ${me}`,
      })
      expect((await tried.host.run(sh`exit 7`, { ok: 'any' })).isOk).toBe(false)
    })

    it('that a signal ends has failed', async () => {
      await expect(tried.host.run(sh`kill -9 $$`)).rejects.toMatchObject({
        message: 'The command "kill -9 $$" on "web1" ended by the signal SIGKILL.',
        hint: 'ask who ended it: the kernel where memory is short, or a person',
      })
      expect((await tried.host.run(sh`kill -9 $$`, { ok: 'any' })).exitCode).toBe(137)
    })

    it('decodes what comes in pieces, and keeps what no line feed ends', async () => {
      const { stdout } = await tried.host.run(sh`printf '\303'; sleep 0.1; printf '\274\357\273\277x'`)
      expect(stdout).toBe('ü\ufeffx')
      expect(tried.told()).toBe('ü\ufeffx')
    })

    it('is told as it goes on, line by line', async () => {
      await tried.host.run(sh`printf 'one\ntw'; printf 'o\n'; printf err >&2`)
      const of = {
        host: 'web1',
        task: 'test',
        number: 1,
        command: String.raw`printf 'one\ntw'; printf 'o\n'; printf err >&2`,
      }
      expect(tried.events[0]).toEqual({ type: 'command.started', ...of })
      expect(tried.events.filter((event) => event.type === 'command.output')).toEqual(
        expect.arrayContaining([{ type: 'command.output', ...of, stream: 'stderr', text: 'err' }]),
      )
      const texts = tried.events.flatMap((event) =>
        event.type === 'command.output' && event.stream === 'stdout' ? event.text : [],
      )
      expect(texts.join('')).toBe('one\ntwo\n')
      expect(texts.every((text) => text.endsWith('\n'))).toBe(true)
      expect(tried.events.at(-1)).toMatchObject({ type: 'command.finished', ...of, outcome: 'done', exitCode: 0 })
    })

    it('is not told where it is hidden, and its result has it', async () => {
      const { stdout, stderr } = await tried.host.run(sh`echo a; echo b >&2`, { hide: 'stdout' })
      expect([stdout, stderr, tried.told()]).toEqual(['a\n', 'b\n', 'b\n'])
      await tried.host.run(sh`echo a; echo b >&2`, { hide: 'both' })
      expect(tried.told()).toBe('b\n')
    })

    it('has a secret in a file of its own, for as long as it runs', async () => {
      const token = secret('token', 'a "$ecret"\nof two lines')
      const { stdout, command } = await tried.host.run(
        sh`dir=$(dirname ${token}); stat -c %a ${token} "$dir"; cat ${token} ${content('open')}; echo; echo ${token}`,
      )
      const lines = stdout.split('\n')
      expect(lines.slice(0, 5)).toEqual(['600', '700', 'a "$ecret"', 'of two linesopen', lines[4]])
      expect(lines[4]).toMatch(/^\/dev\/shm\/tasks\.\w{8}\/token$/)
      expect(existsSync(lines[4] ?? '')).toBe(false)
      expect(command).toContain('cat <secret> <content>')
      expect(tried.told()).toContain('***\n***open\n')
    })

    it('keeps the exit code, the input and the traps that it has beside its secrets', async () => {
      const token = secret('token', 'quite secret')
      const result = await tried.host.run(sh`trap 'echo bye' EXIT; cat ${token} -; exit 4`, { input: '+in', ok: [4] })
      expect(result).toMatchObject({ stdout: 'quite secret+inbye\n', exitCode: 4 })
      expect((await tried.host.run(sh`cat ${secret('empty', '')}; umask`)).stdout).toBe('0022\n')
    })

    it('shows no secret in what is told, nor in an error, whatever it prints', async () => {
      const password = secret('password', 'correct horse')
      const failing = tried.host.env({ PASSWORD: password }).run(sh`echo "$PASSWORD"; echo 'correct horse' >&2; exit 1`)
      await expect(failing).rejects.toMatchObject({
        message: `The command "echo "$PASSWORD"; echo '***' >&2; exit 1" on "web1" ended with exit code 1.`,
        output: '***',
      })
      // What was secret once stays so
      await tried.host.run(sh`echo correct; printf 'correct '; sleep 0.1; echo horse`)
      expect(JSON.stringify(tried.events)).not.toContain('correct horse')
    })

    it('shows nothing of a secret that stands where a long line is told in pieces', async () => {
      const password = secret('password', 'x'.repeat(60) + 'correct horse'.repeat(20))
      await tried.host
        .env({ P: password })
        .run(sh`i=0; while [ $i -lt 700 ]; do printf 'some%s' "$P"; i=$((i+1)); done`)
      expect(tried.told()).toBe('some***'.repeat(700))
    })

    it('is nowhere in the list of processes', async () => {
      const password = secret('password', 'correct horse')
      const running = tried.host
        .env({ PASSWORD: password })
        .run(sh`read -r line; echo ${'staple'} "$line" ${password}`, {
          input: (async function* () {
            await until(() => tried.events.length > 0)
            yield Buffer.from(`${execFileSync('ps', ['axww', '-o', 'args']).toString('base64')}\n`)
          })(),
        })
      const list = Buffer.from((await running).stdout.split(' ')[1] ?? '', 'base64').toString()
      expect(list).toContain('IFS=" " read -r tasks_size tasks_end')
      expect(list).not.toMatch(/correct horse|staple/)
    })

    it('is ended with all that it has started when its time is over', async () => {
      const command = sh`sh -c 'trap "" TERM; sleep 4321' & timeout 4000 sleep 4322 & cat ${secret('s', 'secret')} >&2; sleep 4323`
      await expect(tried.host.run(command, { timeout: 0.5 })).rejects.toMatchObject({
        code: 'failed',
        message: expect.stringMatching(
          /^The command ".*" on "web1" was ended, because it took longer than 0.5 seconds.$/,
        ),
        hint: 'give it more time with timeout',
        output: expect.stringMatching(/^\*\*\*/),
      })
      // busybox has its timeout watched by a process in a session of its own, which looks once a second
      await until(() => !/sleep 432\d/.test(processes()))
      expect(readdirSync('/dev/shm').filter((name) => holds(`/dev/shm/${name}/s`, 'secret'))).toEqual([])
      expect(tried.events.at(-1)).toMatchObject({ type: 'command.finished', outcome: 'failed' })
    })

    it('is ended with all that it has started when the run is to end at once', async () => {
      const running = tried.host.run(sh`echo begun; sleep 5432 | sleep 5433`)
      running.catch(() => {})
      await until(() => tried.told().includes('begun'))
      tried.kill.abort()
      await expect(running).rejects.toMatchObject({
        code: 'interrupted',
        message:
          'The command "echo begun; sleep 5432 | sleep 5433" on "web1" was ended, because the run was interrupted.',
        hint: 'run the same command again',
      })
      expect(processes()).not.toMatch(/sleep 543\d/)
      expect(tried.events.at(-1)).toMatchObject({ type: 'command.finished', outcome: 'interrupted' })
    })

    it('does not begin once the run is to stop', async () => {
      tried.stop.abort()
      await expect(tried.host.run(sh`echo x`)).rejects.toMatchObject({
        code: 'interrupted',
        message: 'The command "echo x" on "web1" was not begun, because the run was interrupted.',
      })
      expect(tried.events).toEqual([])
    })

    it('ends though what it left behind still speaks', async () => {
      const result = await tried.host.run(sh`setsid sleep 0.3 >/dev/null 2>&1 & echo done`)
      expect(result.stdout).toBe('done\n')
    })

    it('has its questions answered, in pieces and on both outputs, each time anew', async () => {
      const command = sh`
        printf 'na'; sleep 0.1; printf 'me? '; read -r name
        printf 'password: ' >&2; read -r one
        printf 'password: ' >&2; read -r two
        echo "$name $one $two"
      `
      const watch = [
        { pattern: /name\? $/g, answer: 'Elspeth' },
        { pattern: /password: $/, answer: secret('p', 'correct horse\n') },
      ]
      expect((await tried.host.run(command, { watch })).stdout).toBe('name? Elspeth correct horse correct horse\n')
      expect(tried.told()).toContain('Elspeth *** ***')
    })

    it('is ended when it does not take an answer', async () => {
      const command = sh`while :; do printf 'password: '; read -r word; echo 'Sorry, try again.'; done`
      const watch = [{ pattern: /password: $/, answer: secret('p', 'battery'), refusal: /Sorry/ }]
      await expect(tried.host.run(command, { watch })).rejects.toMatchObject({
        code: 'failed',
        message: expect.stringMatching(/ on "web1" did not take the answer to \/password: \$\/\.$/),
        hint: 'correct the answer',
      })
    })

    it('many at a time keep apart', async () => {
      const results = await Promise.all(
        [1, 2, 3, 4, 5].map((n) => tried.host.run(sh`cat; echo ${n}`, { input: `${n}` })),
      )
      expect(results.map(({ stdout }) => stdout)).toEqual(['11\n', '22\n', '33\n', '44\n', '55\n'])
      expect(new Set(tried.events.map((event) => ('number' in event ? event.number : 0))).size).toBe(5)
    })
  })
}

describe('a command that cannot be meant', () => {
  const { host } = hostOn({} as Parameters<typeof hostOn>[0])

  it.each([
    [
      'a value that only steps have',
      () => host.run(sh`echo ${hostValue('python')}`),
      'Cannot run "echo <python>", because "python" is known to steps only; a command takes values, contents and secrets.',
    ],
    ['a plain string', () => host.run('id' as never), 'A command must be shell text: write it as sh`…`.'],
    [
      'NUL in it',
      () => host.run(sh`echo \0`.kind === 'shell' ? nul : nul),
      'A command cannot have a NUL character in it.',
    ],
    [
      'no user',
      () => host.sudo(sh`id`, { as: '-x; id' }),
      'Cannot run a command as "-x; id", because it is no name of a user.',
    ],
    ['no time', () => host.run(sh`id`, { timeout: 0 }), 'The timeout of a command must be above 0 seconds.'],
    [
      'no name of a variable',
      () => host.run(sh`id`, { env: { 'A-B': 'x' } }),
      'Cannot set "A-B", because it is no name of a variable.',
    ],
    [
      'NUL in a secret',
      () => host.run(sh`id`, { env: { A: secret('a', 'a\0b') } }),
      'Cannot set "A", because its value has a NUL character.',
    ],
    [
      'no folder',
      () => host.run(sh`id`, { cwd: '' }),
      'Cannot go to the folder "", because no folder can have that name.',
    ],
    [
      'a file with a path for a name',
      () => host.run(sh`cat ${secret('../x', 'y')}`),
      'Cannot send "../x", because no file can have that name.',
    ],
    [
      'no terminal',
      () => host.run(sh`id`, { pty: { columns: 0 } }),
      'A terminal cannot be 0 columns wide and 24 rows high.',
    ],
  ])('because it has %s is refused', async (_, run, message) => {
    await expect(run()).rejects.toEqual(new TypeError(message))
  })
})

const nul = { kind: 'shell', parts: [{ kind: 'literal', text: 'echo \0' }] } as const

function joined(pieces: readonly ReturnType<typeof sh>[]) {
  return {
    kind: 'shell',
    parts: pieces.flatMap((piece) => [...piece.parts, { kind: 'literal', text: '\n' }]),
  } as ReturnType<typeof sh>
}

function nulAfter(name: string) {
  return sh`eval ${`printf '%s\\0' "$${name}"`}`
}

function processes(): string {
  return execFileSync('ps', ['axww', '-o', 'args']).toString()
}

function holds(path: string, text: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8') === text
}
