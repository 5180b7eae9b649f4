// The TypeScript SDK in Node, as an ES module and as a CommonJS module.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'

import { equal, failsWith, operationsOf, watched } from './expectations.mjs'
import { between, sdk, service, shortLived } from './service.mjs'
import { walkApplet, walkMall } from './walk.mjs'

const folder = join(sdk, 'typescript')
const asModule = await import(join(folder, 'dist/index.mjs'))
const asCommonJs = createRequire(import.meta.url)(folder)

for (const [kind, { createPassport }] of [['an ES module', asModule], ['a CommonJS module', asCommonJs]]) {
  test(`${kind} speaks the whole of both dialects`, async () => {
    const { passport, called } = watched(createPassport({ baseUrl: `${service.url}/` }))

    await walkApplet(passport, service.sandbox, { equal, failsWith })
    await walkMall(passport, service.sandbox, { equal, failsWith })

    assert.deepEqual([...called].sort(), [...operationsOf('applet'), ...operationsOf('mall')].sort())
  })
}

test('a failure that arrives with HTTP 200 is an error in the applet dialect too', async () => {
  const passport = asModule.createPassport({ baseUrl: shortLived.url })

  const error = await failsWith(passport.applet.wxLogin({ code: 'nobody' }), { code: 400, status: 200, operation: 'wxLogin' })

  assert.ok(error instanceof asModule.PassportError && error instanceof Error)
})

test('a failure of WeChat says when to try again', async (context) => {
  context.after(service.sandbox.heal)
  await service.sandbox.fault({ path: '/sns/jscode2session', kind: 'status', value: 500, times: 2 })
  const passport = asModule.createPassport({ baseUrl: service.url })

  const error = await failsWith(passport.applet.wxLogin({ code: await service.sandbox.loginCode() }), { code: 503, status: 503, operation: 'wxLogin' })

  assert.ok(error.retryAfter >= 1, `retryAfter is ${error.retryAfter}`)
})

test('no answer, a late one and one of somebody else are told apart', async (context) => {
  const proxy = await between(service.url)
  context.after(proxy.close)
  const { mall } = asModule.createPassport({ baseUrl: proxy.url })

  proxy.answer = () => null
  await failsWith(mall.loginPage(), { code: 'NETWORK', status: 0, operation: 'loginPage' })

  proxy.answer = () => new Promise(() => undefined)
  await failsWith(mall.loginPage({ timeout: 50 }), { code: 'TIMEOUT', status: 0, operation: 'loginPage' })

  proxy.answer = () => ({ status: 502, headers: { 'Content-Type': 'text/html' }, body: '<h1>Bad Gateway</h1>' })
  await failsWith(mall.loginPage(), { code: 'BAD_ANSWER', status: 502, operation: 'loginPage' })
})
