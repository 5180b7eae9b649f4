// The mini program's bundle, in a context that has a `wx` and nothing else.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { equal, failsWith, operationsOf, watched } from './expectations.mjs'
import { between, packages, sdk, service, shortLived } from './service.mjs'
import { walkApplet, walkMall } from './walk.mjs'
import { makeWx, runModule } from './wx.mjs'

const folder = join(sdk, 'miniprogram')
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const path = join(folder, manifest.miniprogram, 'index.js')
const bundle = readFileSync(path, 'utf8')

/** Globals that every mini program has, beside those of the language. */
const PLATFORM = ['wx', 'setTimeout', 'module']

test('the folder that the developer tools take is the one that bundlers take, and small', () => {
  assert.equal(manifest.main, `${manifest.miniprogram}/index.js`)
  const size = Buffer.byteLength(bundle)
  assert.ok(size < 20_000, `${size} bytes`)
})

for (const name of ['index.js', 'index.mjs']) {
  test(`${name} touches no global but the language's own and the mini program's`, () => {
    const unknown = unknownNames(readFileSync(join(folder, manifest.miniprogram, name), 'utf8'))
    assert.deepEqual(unknown.filter((name) => !PLATFORM.includes(name)), [])
    assert.ok(unknown.includes('wx'), 'the search sees what is there')
  })
}

test('the search for globals finds those that a mini program lacks', () => {
  const source = 'fetch(1); new XMLHttpRequest(); new URLSearchParams(); new AbortController(); process.exit(); Buffer; window; globalThis.fetch'
  const names = ['AbortController', 'Buffer', 'URLSearchParams', 'XMLHttpRequest', 'fetch', 'globalThis', 'process', 'window']
  assert.deepEqual(unknownNames(source), names)
})

test('the bundle speaks the whole of both dialects with nothing but wx', async () => {
  const { wx } = makeWx(service.sandbox)
  const { createPassport } = runModule(bundle, { wx }, path)
  const { passport, called } = watched(createPassport({ baseUrl: service.url }))

  await walkApplet(passport, service.sandbox, { equal, failsWith })
  await walkMall(passport, service.sandbox, { equal, failsWith })

  assert.deepEqual([...called].sort(), [...operationsOf('applet'), ...operationsOf('mall')].sort())
})

test('ten logins at once call wx.login and wxLogin once', async (context) => {
  const proxy = await between(service.url)
  context.after(proxy.close)
  const { wx, record } = makeWx(service.sandbox)
  const passport = runModule(bundle, { wx }, path).createPassport({ baseUrl: proxy.url })

  await Promise.all(Array.from({ length: 10 }, () => passport.login()))

  assert.deepEqual([record.logins, proxy.count('wxLogin')], [1, 1])
})

test('ten requests with an ended token cause one renewal, and a lost answer of it is no logout', async (context) => {
  const proxy = await between(shortLived.url, async ({ name }, forward) => {
    const answer = await forward()
    return name === 'refreshToken' && proxy.count('refreshToken') === 1 ? null : answer
  })
  context.after(proxy.close)
  const { wx, record } = makeWx(shortLived.sandbox)
  const noon = Date.now()
  const passport = runModule(bundle, { wx }, path).createPassport({ baseUrl: proxy.url, now: () => noon })
  const { token } = await passport.login()
  while ((await passport.applet.checkLogin({ token }).catch(({ code }) => code)) !== 401);

  await Promise.all(Array.from({ length: 10 }, () => passport.applet.getUserInfo()))

  assert.equal(proxy.count('refreshToken'), 2, 'one renewal, repeated once')
  assert.equal(record.logins, 1)
})

test('a request that takes too long and a wx.login that fails are errors like any other', async (context) => {
  const proxy = await between(service.url, () => new Promise(() => undefined))
  context.after(proxy.close)
  const { wx } = makeWx(service.sandbox)
  const passport = runModule(bundle, { wx }, path).createPassport({ baseUrl: proxy.url })

  await failsWith(passport.mall.loginPage({ timeout: 50 }), { code: 'TIMEOUT', operation: 'loginPage' })

  wx.login = ({ fail }) => fail({ errMsg: 'login:fail' })
  await failsWith(passport.login(), { code: 'NETWORK', operation: 'wx.login' })
})

test('uni-app logs in with its own API', async () => {
  const { wx } = makeWx(service.sandbox)
  const providers = []
  const uni = {
    ...wx,
    login: (options) => {
      providers.push(options.provider)
      wx.login(options)
    },
  }
  const { createPassport, uniPlatform } = runModule(bundle, {}, path)
  const passport = createPassport({ baseUrl: service.url, platform: uniPlatform(uni) })

  const { userInfo } = await passport.login()

  assert.equal((await passport.applet.getUserInfo()).id, userInfo.id)
  assert.deepEqual(providers, ['weixin'])
})

test('Taro logs in with its own API, and its promises are not left to fail alone', async () => {
  const { wx } = makeWx(service.sandbox)
  const promised = (call) => (options) =>
    new Promise((done, failed) => {
      call({
        ...options,
        success: (result) => (options.success(result), done(result)),
        fail: (failure) => (options.fail(failure), failed(failure)),
      })
    })
  const Taro = { ...wx, request: promised(wx.request), login: promised(wx.login) }
  const { createPassport, taroPlatform } = runModule(bundle, {}, path)

  const { userInfo } = await createPassport({ baseUrl: service.url, platform: taroPlatform(Taro) }).login()

  assert.ok(userInfo.id)
  const nowhere = createPassport({ baseUrl: 'http://127.0.0.1:1', platform: taroPlatform(Taro) })
  // A promise that nobody looks at would end this test.
  await failsWith(nowhere.login(), { code: 'NETWORK', operation: 'wxLogin' })
})

/** Names that `source` uses without declaring them, and that the language (ES2017) does not have. */
function unknownNames(source) {
  const ts = packages('typescript')
  const options = { allowJs: true, checkJs: true, noEmit: true, target: ts.ScriptTarget.ES2017, lib: ['lib.es2017.d.ts'], types: [] }
  const host = ts.createCompilerHost(options)
  const read = host.getSourceFile
  const file = ts.createSourceFile('/bundle.mjs', source, options.target, true, ts.ScriptKind.JS)
  host.getSourceFile = (name, ...others) => (name === '/bundle.mjs' ? file : read.call(host, name, ...others))
  const program = ts.createProgram(['/bundle.mjs'], options, host)
  const checker = program.getTypeChecker()
  const names = new Set()
  const look = (node) => {
    if (ts.isIdentifier(node) && isFree(node)) names.add(node.text)
    ts.forEachChild(node, look)
  }
  const isFree = (node) => {
    const parent = node.parent
    const isName = (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) && parent.name === node
    if (isName || (ts.isBindingElement(parent) && parent.propertyName === node)) return false
    if (node.text === 'globalThis') return true
    const symbol = ts.isShorthandPropertyAssignment(parent) ? checker.getShorthandAssignmentValueSymbol(parent) : checker.getSymbolAtLocation(node)
    return symbol === undefined
  }
  look(file)
  return [...names].filter((name) => name !== 'undefined').sort()
}
