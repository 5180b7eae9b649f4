// The TypeScript SDK in Chromium, on a page of another origin than the service's.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { operationsOf } from './expectations.mjs'
import { between, packages, sdk, service } from './service.mjs'

const { chromium } = packages('playwright-core')
const esbuild = packages('esbuild')

// Whatever the page asks, no request leaves this machine.
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1']

const bundledExample = esbuild.buildSync({
  entryPoints: [join(sdk, 'examples/browser.ts')],
  alias: { 'passport-sdk': join(sdk, 'typescript/dist/index.mjs') },
  bundle: true,
  format: 'esm',
  write: false,
}).outputFiles[0].text

const FILES = {
  '/': ['text/html', '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>商城</title>'],
  '/sdk.mjs': ['text/javascript', readFileSync(join(sdk, 'typescript/dist/index.mjs'))],
  '/walk.mjs': ['text/javascript', readFileSync(new URL('walk.mjs', import.meta.url))],
  '/example.mjs': ['text/javascript', bundledExample.replaceAll('http://127.0.0.1:8080', service.url)],
}

let browser
let pages

before(async () => {
  pages = http.createServer((request, response) => {
    const [type, body] = FILES[request.url.split('?')[0]] ?? []
    response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': `${type}; charset=utf-8` }).end(body)
  })
  await new Promise((done) => pages.listen(0, '127.0.0.1', done))
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS })
})

after(async () => {
  await browser?.close()
  pages.closeAllConnections()
  await new Promise((done) => pages.close(done))
})

/** A page with the sandbox at hand, and what it complained of. */
async function open(context, path = '/') {
  const origin = `http://127.0.0.1:${pages.address().port}`
  const page = await (await browser.newContext()).newPage()
  context.after(() => page.context().close())
  const faults = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  await page.exposeFunction('ask', (name, ...values) => service.sandbox[name](...values))
  await page.goto(origin + path)
  return { page, faults, origin }
}

test('a page of another origin speaks the whole of both dialects', async (context) => {
  const { page, origin } = await open(context)
  const proxy = await between(service.url)
  context.after(proxy.close)

  const called = await page.evaluate(async (baseUrl) => {
    const { createPassport, PassportError } = await import('/sdk.mjs')
    const { walkApplet, walkMall } = await import('/walk.mjs')
    const sandbox = new Proxy({}, { get: (_, name) => (...values) => window.ask(name, ...values) })
    const same = (one, other) => JSON.stringify(one, Object.keys(one ?? {}).sort()) === JSON.stringify(other, Object.keys(other ?? {}).sort())
    const equal = (actual, expected) => {
      if (!same(actual, expected)) throw new Error(`${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`)
    }
    const failsWith = async (promise, expected) => {
      const error = await promise.then((result) => new Error(`succeeded: ${JSON.stringify(result)}`), (error) => error)
      if (!(error instanceof PassportError)) throw error
      for (const name of Object.keys(expected)) equal(error[name], expected[name])
    }
    const called = new Set()
    const watch = (api) => new Proxy(api, { get: (target, name) => (called.add(name), target[name]) })
    const passport = createPassport({ baseUrl })
    const watched = { ...passport, applet: watch(passport.applet), mall: watch(passport.mall) }
    await walkApplet(watched, sandbox, { equal, failsWith })
    await walkMall(watched, sandbox, { equal, failsWith })
    return [...called]
  }, proxy.url)

  assert.deepEqual(called.sort(), [...operationsOf('applet'), ...operationsOf('mall')].sort())
  const preflights = proxy.calls.filter(({ method }) => method === 'OPTIONS')
  assert.ok(preflights.length > 0 && preflights.every(({ headers }) => headers.origin === origin), 'the browser asks before it sends')
})

test('a reload keeps the login, and a page that was told to go to WeChat comes back with the state', async (context) => {
  const { page, faults, origin } = await open(context)
  const code = await service.sandbox.oauthCode({ nickname: '小红' })

  const state = await page.evaluate(async (baseUrl) => {
    const { createPassport } = await import('/sdk.mjs')
    return (await createPassport({ baseUrl }).mall.wechatAuthorize()).state
  }, service.url)
  await page.goto(`${origin}/?code=${code}&state=${state}`)
  const nickname = await page.evaluate(async () => (await import('/example.mjs')).backFromWeChat())
  await page.goto(origin)
  const still = await page.evaluate(async () => (await import('/example.mjs')).stillLoggedIn())

  assert.deepEqual([nickname, still, faults], ['小红', '小红', []])
})

test('the service does not let a page of another machine read its answers', async (context) => {
  const { page } = await open(context)
  await page.goto('about:blank')
  const outcome = await page.evaluate((url) => fetch(`${url}/users/login`).then(() => 'read', () => 'refused'), service.url)
  assert.equal(outcome, 'refused')
})

test('a stranger\'s link with a state of its own logs nobody in', async (context) => {
  const { page, origin } = await open(context)
  const asked = []
  page.on('request', (request) => request.url().startsWith(service.url) && asked.push(request.url()))
  const stranger = await (await fetch(`${service.url}/wechat.auth/login`, { headers: { Accept: 'application/json' } })).json()
  const code = await service.sandbox.oauthCode()

  await page.goto(`${origin}/?code=${code}&state=${stranger.data.state}`)
  const fault = await page.evaluate(async () => (await import('/example.mjs')).backFromWeChat().catch(({ code }) => ({ code })))

  assert.equal(fault.code, 'STATE_MISMATCH')
  assert.deepEqual(asked, [], 'the service is not even asked')
})
