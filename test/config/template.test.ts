import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadTemplate, renderTemplate } from '../../src/config/template.ts'

const filled = (text: string, variables: Record<string, unknown> = {}) => renderTemplate(text, variables, 'site.conf')

describe('a template', () => {
  it.each([
    ['{{ a }} & <{{ b.c }}>', { a: '"x"', b: { c: "it's" } }, '"x" & <it\'s>'],
    ['a\n{% if on %}\nb\n{% endif %}\nc\n', { on: false }, 'a\nc\n'],
    ['{% for x in xs %}{{ loop.index }}{{ x.y }}{% endfor %}', { xs: [{ y: 1 }, { y: 2 }] }, '1122'],
    ['{{ xs | join(" ") }}', { xs: ['a', 'b'] }, 'a b'],
    ['{% set q = 3 %}{{ q }}{{ range(2) | join }}', {}, '301'],
    ['{% macro m(k) %}<{{ k }}>{% endmacro %}{{ m(1) }}', {}, '<1>'],
    ['{# {{ nothing }} #}ok', {}, 'ok'],
    ['{{ zero }}{{ empty }}{{ no }}', { zero: 0, empty: '', no: false }, '0false'],
  ])('%j fills in to what it says', (text, variables, expected) => {
    expect(filled(text, variables)).toBe(expected)
  })

  it.each([
    ['a\n{{ b }}', {}, '"b" in its line 2 is undefined.'],
    [
      '{# site.nope #}\n{% if site.nope %}x{% endif %}',
      { site: { name: 1 } },
      '"site.nope" in its line 2 is undefined.',
    ],
    ['{% for x in nope %}{% endfor %}', {}, '"nope" in its line 1 is undefined.'],
    ['\n\n{{ nope | upper }}', {}, '"nope" in its line 3 is undefined.'],
    ['{{ a + nope }}', { a: 1 }, '"nope" in its line 1 is undefined.'],
    ['{% for x in xs %}{{ x.y }}{% endfor %}', { xs: [{ y: 1 }, { z: 1 }] }, '"xs[1].y" in its line 1 is undefined.'],
    ['{{ given }}', { given: undefined }, '"given" in its line 1 is undefined.'],
    ['{{ nope() }}', {}, '"nope" in its line 1 is undefined.'],
    ['a\n{{ b c }}', { b: 1 }, 'its line 2 is wrong: expected variable end.'],
    ['{{ a | nofilter }}', { a: 1 }, 'filter not found: nofilter.'],
  ])('%j says what is wrong with it, and where', (text, variables, because) => {
    expect(() => filled(text, variables)).toThrow(`Cannot fill in the template "site.conf", because ${because}`)
  })
})

describe('the template of a name', () => {
  it("is the project's own before ours", () => {
    const projectRoot = mkdtempSync(join(tmpdir(), 'tasks-templates-'))
    expect(loadTemplate('nginx.template.conf', { projectRoot }).text).toContain('server_name {{ names')
    mkdirSync(join(projectRoot, 'deploy_tools'))
    writeFileSync(join(projectRoot, 'deploy_tools/nginx.template.conf'), 'mine')
    expect(loadTemplate('nginx.template.conf', { projectRoot })).toEqual({
      name: 'nginx.template.conf',
      path: join(projectRoot, 'deploy_tools/nginx.template.conf'),
      text: 'mine',
    })
  })

  it.each(['nope.conf', '../package.json', '.hidden'])('%s is refused where nobody has it', (name) => {
    expect(() => loadTemplate(name, { projectRoot: '/srv/project' })).toThrow(
      `Cannot find the template "${name}", because neither /srv/project/deploy_tools nor `,
    )
  })
})
