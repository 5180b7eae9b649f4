// What the type checker, at its strictest, says about programs that use the packages as npm would install them.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { packages, sdk } from './service.mjs'

const scratch = join(process.env.SCRATCH, 'types')

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  noImplicitReturns: true,
  noEmit: true,
  types: [],
}

/** What the platforms declare and the type checker's own libraries do not. */
const PLATFORMS = `
declare const uni: import('passport-miniprogram').MiniProgramApi
declare const wx: import('passport-miniprogram').MiniProgramApi
`

/** The faults that the checker finds in `files`, in a project where the packages are installed. */
function faults(name, files, options) {
  const folder = join(scratch, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(join(sdk, 'typescript'), join(folder, 'node_modules/passport-sdk'))
  symlinkSync(join(sdk, 'miniprogram'), join(folder, 'node_modules/passport-miniprogram'))
  writeFileSync(join(folder, 'platforms.d.ts'), PLATFORMS)
  for (const [file, source] of Object.entries(files)) writeFileSync(join(folder, file), source)
  if (options.examples) cpSync(join(sdk, 'examples'), folder, { recursive: true })
  const compilerOptions = { ...STRICT, ...options.compilerOptions }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts', '*.mts', '*.cts', '*.js'] }))
  try {
    execFileSync(process.execPath, [packages.resolve('typescript/bin/tsc'), '--project', folder], { encoding: 'utf8' })
    return []
  } catch (error) {
    return error.stdout.trim().split('\n').filter((line) => !line.startsWith(' '))
  }
}

test('the examples pass, those in JavaScript too', () => {
  assert.equal(readdirSync(join(sdk, 'examples')).length, 4)
  const compilerOptions = { target: 'ES2022', lib: ['ES2022', 'DOM'], module: 'ESNext', moduleResolution: 'Bundler', allowJs: true, checkJs: true }
  const commonJs = 'declare function require(name: "passport-miniprogram"): typeof import("passport-miniprogram"); declare const module: { exports: unknown }'
  assert.deepEqual(faults('examples', { 'common-js.d.ts': commonJs }, { examples: true, compilerOptions }), [])
})

test('both kinds of modules find their types, as Node resolves them', () => {
  const program = "import { createPassport, PassportError } from 'passport-sdk'\nconst passport = createPassport({ baseUrl: '' })\nexport const page = passport.mall.loginPage().then(({ split }): number => split)\nexport const mine = (error: unknown) => error instanceof PassportError\n"
  const compilerOptions = { target: 'ES2022', lib: ['ES2022', 'DOM'], module: 'Node16', moduleResolution: 'Node16' }
  assert.deepEqual(faults('modules', { 'module.mts': program, 'common.cts': program }, { compilerOptions }), [])
})

test('wrong programs do not pass', () => {
  const wrong = [
    'passport.applet.wxLogin({})',
    'passport.applet.wxLogin({ Code: "x" })',
    'passport.mall.sendSms({ username: "1", type: "login" })',
    'passport.mall.wechatLogin({ source: 3, code: "x" })',
    'passport.applet.updateUserInfo({ userInfo: { name: null } })',
    'passport.applet.getUserInfo().then((user) => user.phone.length)',
    'passport.applet.login()',
  ]
  const source = `import { createPassport } from 'passport-sdk'\nconst passport = createPassport({ baseUrl: '' })\n${wrong.join('\n')}\n`
  const compilerOptions = { target: 'ES2022', lib: ['ES2022', 'DOM'], module: 'ESNext', moduleResolution: 'Bundler' }
  const lines = faults('wrong', { 'wrong.ts': source }, { compilerOptions }).map((fault) => Number(/^.*?wrong\.ts\((\d+)/.exec(fault)?.[1]))
  assert.deepEqual([...new Set(lines)], wrong.map((_, index) => index + 3))
})
