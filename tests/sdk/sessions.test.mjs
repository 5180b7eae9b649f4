// The session when tokens expire, responses are lost, and failures come late. The service is real; a proxy decides
// when, and whether, its responses arrive.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { failsWith } from './expectations.mjs'
import { between, sdk, service, shortLived, signal } from './service.mjs'

const { createPassport, memoryStorage } = await import(join(sdk, 'typescript/dist/index.mjs'))

/** A client of `target` through a proxy, logged in, with what it was told about logouts. */
async function loggedIn(context, target, options = {}) {
  const proxy = await between(target.url)
  context.after(proxy.close)
  const passport = createPassport({ baseUrl: proxy.url, ...options })
  const logouts = []
  passport.onLogout((dialect, reason) => logouts.push([dialect, reason?.code]))
  const { token } = await passport.applet.wxLogin({ code: await target.sandbox.loginCode() })
  return { proxy, passport, logouts, token }
}

/** Waits until the service no longer takes `token`. */
async function ended(target, token) {
  const answer = await fetch(`${target.url}/applet/login/checkLogin?token=${token}`)
  if ((await answer.json()).code !== 401) return ended(target, token)
}

const tenUsers = (passport) => Array.from({ length: 10 }, () => passport.applet.getUserInfo())

test('ten logins at once are one', async (context) => {
  const proxy = await between(service.url)
  context.after(proxy.close)
  let codes = 0
  const loginCode = () => {
    codes += 1
    return service.sandbox.loginCode()
  }
  const passport = createPassport({ baseUrl: proxy.url, loginCode })

  const logins = await Promise.all(Array.from({ length: 10 }, () => passport.login()))

  assert.equal(new Set(logins.map(({ token }) => token)).size, 1)
  assert.deepEqual([codes, proxy.count('wxLogin')], [1, 1])
  await passport.login()
  assert.deepEqual([codes, proxy.count('wxLogin')], [2, 2], 'a later login is another')
})

test('ten requests with an ended token cause one renewal, and each is repeated', async (context) => {
  const noon = Date.now()
  // By this device's clock no time passes, so only the service's answer can say that the token has ended.
  const { proxy, passport, logouts, token } = await loggedIn(context, shortLived, { now: () => noon })
  await ended(shortLived, token)

  const users = await Promise.all(tenUsers(passport))

  assert.equal(new Set(users.map(({ id }) => id)).size, 1)
  assert.equal(proxy.count('refreshToken'), 1)
  assert.equal(proxy.count('getUserInfo'), 20)
  assert.notEqual(await passport.token('applet'), token)
  assert.deepEqual(logouts, [])
})

test('a token is renewed before it ends, once for ten requests, and none of them fails first', async (context) => {
  let now = Date.now()
  const { proxy, passport } = await loggedIn(context, service, { now: () => now })
  await passport.applet.getUserInfo()
  assert.equal(proxy.count('refreshToken'), 0)

  now += 6.5 * 24 * 60 * 60 * 1000
  await Promise.all(tenUsers(passport))

  assert.equal(proxy.count('refreshToken'), 1)
  assert.equal(proxy.count('getUserInfo'), 11)
})

test('a lost answer of a renewal is no logout: the same token asks again', async (context) => {
  const { proxy, passport, logouts, token } = await loggedIn(context, service)
  proxy.answer = async ({ name }, forward) => {
    const answer = await forward()
    return name === 'refreshToken' && proxy.count('refreshToken') === 1 ? null : answer
  }

  const renewed = await passport.applet.refreshToken()

  assert.deepEqual(proxy.calls.filter(({ name }) => name === 'refreshToken').map(({ body }) => body.token), [token, token])
  assert.notEqual(renewed, token)
  assert.ok((await passport.applet.getUserInfo()).id)
  assert.deepEqual(logouts, [])
})

test('a network that is gone for a whole renewal logs nobody out, and the next request succeeds', async (context) => {
  let now = Date.now()
  const { proxy, passport, logouts, token } = await loggedIn(context, service, { now: () => now })
  proxy.answer = () => null
  now += 8 * 24 * 60 * 60 * 1000

  await Promise.all(tenUsers(passport).map((request) => failsWith(request, { code: 'NETWORK', operation: 'refreshToken' })))

  assert.deepEqual([await passport.token('applet'), logouts], [token, []])
  proxy.answer = (_, forward) => forward()
  assert.ok((await passport.applet.getUserInfo()).id)
})

test('a token that still works is used when its renewal gets no answer', async (context) => {
  let now = Date.now()
  const { proxy, passport } = await loggedIn(context, service, { now: () => now })
  proxy.answer = ({ name }, forward) => (name === 'refreshToken' ? null : forward())
  now += 6.5 * 24 * 60 * 60 * 1000

  assert.ok((await passport.applet.getUserInfo()).id)
  const tries = proxy.count('refreshToken')
  assert.ok((await passport.applet.getUserInfo()).id)

  assert.equal(proxy.count('refreshToken'), tries, 'the next request does not wait for a renewal again')
})

test('a late failure does not clear a newer token, and the request is repeated with that', async (context) => {
  const { proxy, passport, logouts, token } = await loggedIn(context, service)
  await fetch(`${service.url}/applet/login/logout`, { method: 'POST', body: new URLSearchParams({ token }) })
  const [refused, release] = [signal(), signal()]
  proxy.answer = async ({ name }, forward) => {
    const answer = await forward()
    if (name === 'getUserInfo' && proxy.count('getUserInfo') === 1) {
      refused.give()
      await release.given
    }
    return answer
  }

  const user = passport.applet.getUserInfo()
  await refused.given
  const newer = await passport.applet.wxLogin({ code: await service.sandbox.loginCode() })
  release.give()

  assert.equal((await user).id, newer.userInfo.id)
  assert.equal(await passport.token('applet'), newer.token)
  assert.deepEqual([proxy.count('refreshToken'), logouts], [0, []])
})

test('a late refusal of a renewal does not clear a newer token either', async (context) => {
  const { proxy, passport, logouts, token } = await loggedIn(context, service, { loginCode: () => service.sandbox.loginCode() })
  await fetch(`${service.url}/applet/login/logout`, { method: 'POST', body: new URLSearchParams({ token }) })
  const [refused, release] = [signal(), signal()]
  proxy.answer = async ({ name }, forward) => {
    const answer = await forward()
    if (name === 'refreshToken') {
      refused.give()
      await release.given
    }
    return answer
  }

  const user = passport.applet.getUserInfo()
  await refused.given
  const newer = await passport.applet.wxLogin({ code: await service.sandbox.loginCode() })
  release.give()

  assert.equal((await user).id, newer.userInfo.id)
  assert.deepEqual([await passport.token('applet'), logouts], [newer.token, []])
  assert.equal(proxy.count('wxLogin'), 2, 'nor is there a third login')
})

test('in the mall a late failure does not clear a newer token', async (context) => {
  const proxy = await between(service.url)
  context.after(proxy.close)
  const passport = createPassport({ baseUrl: proxy.url })
  const logouts = []
  passport.onLogout((dialect, reason) => logouts.push([dialect, reason?.code]))
  const logIn = async () => passport.mall.wechatLogin({ source: 2, code: await service.sandbox.loginCode() })
  await logIn()
  const [asked, release] = [signal(), signal()]
  proxy.answer = async ({ name, headers }, forward) => {
    if (name !== 'autologin') return forward()
    // To the service, every token is one that has ended.
    headers['auth-token'] = '0'.repeat(40)
    const answer = await forward()
    asked.give()
    await release.given
    return answer
  }

  const late = failsWith(passport.mall.autologin(), { code: '-1002', operation: 'autologin' })
  await asked.given
  const newer = await logIn()
  release.give()
  await late

  assert.deepEqual([await passport.token('mall'), logouts], [newer.token, []])
  await failsWith(passport.mall.autologin(), { code: '-1002', operation: 'autologin' })
  assert.deepEqual([await passport.token('mall'), logouts], [null, [['mall', '-1002']]], 'in time it does')
})

test('a session that was ended elsewhere logs out once, with its reason', async (context) => {
  const { proxy, passport, logouts, token } = await loggedIn(context, service)
  await fetch(`${service.url}/applet/login/logout`, { method: 'POST', body: new URLSearchParams({ token }) })

  await Promise.all(tenUsers(passport).map((request) => failsWith(request, { code: 401 })))

  assert.deepEqual([await passport.token('applet'), logouts], [null, [['applet', 401]]])
  assert.equal(proxy.count('refreshToken'), 1)
})

test('where wx.login is at hand such a session begins anew, unseen', async (context) => {
  const { proxy, passport, logouts, token } = await loggedIn(context, service, { loginCode: () => service.sandbox.loginCode() })
  await fetch(`${service.url}/applet/login/logout`, { method: 'POST', body: new URLSearchParams({ token }) })

  await Promise.all(tenUsers(passport))

  assert.equal(proxy.count('wxLogin'), 2)
  assert.deepEqual(logouts, [])
})

test('a person whom WeChat has blocked meanwhile is logged out, and told why', async (context) => {
  context.after(service.sandbox.heal)
  const { passport, logouts, token } = await loggedIn(context, service, { loginCode: () => service.sandbox.loginCode() })
  await fetch(`${service.url}/applet/login/logout`, { method: 'POST', body: new URLSearchParams({ token }) })
  await service.sandbox.fault({ path: '/sns/jscode2session', kind: 'errcode', value: 40226, times: 1 })

  await failsWith(passport.applet.getUserInfo(), { code: 403, operation: 'wxLogin', message: '微信登录失败: 该微信账号被限制登录' })

  assert.deepEqual([await passport.token('applet'), logouts], [null, [['applet', 403]]])
})

test('an outage of WeChat while a session begins anew logs nobody out', async (context) => {
  context.after(service.sandbox.heal)
  const { passport, logouts, token } = await loggedIn(context, service, { loginCode: () => service.sandbox.loginCode() })
  await fetch(`${service.url}/applet/login/logout`, { method: 'POST', body: new URLSearchParams({ token }) })
  await service.sandbox.fault({ path: '/sns/jscode2session', kind: 'status', value: 500, times: 2 })

  await failsWith(passport.applet.getUserInfo(), { code: 503, operation: 'wxLogin' })
  assert.deepEqual([await passport.token('applet'), logouts], [token, []])

  await service.sandbox.heal()
  assert.ok((await passport.applet.getUserInfo()).id)
})

test('a logout during a renewal ends the renewed token too', async (context) => {
  const { proxy, passport, logouts } = await loggedIn(context, service)
  const [renewing, release] = [signal(), signal()]
  proxy.answer = async ({ name }, forward) => {
    const answer = await forward()
    if (name === 'refreshToken') {
      renewing.give()
      await release.given
    }
    return answer
  }

  const renewal = passport.applet.refreshToken()
  await renewing.given
  const logout = passport.applet.logout()
  release.give()

  assert.equal(await logout, '退出成功')
  await failsWith(passport.applet.getUserInfo({ token: await renewal }), { code: 401 })
  assert.deepEqual([await passport.token('applet'), logouts], [null, [['applet', undefined]]])
})

test('a logout without network logs out on this device, and says that the service does not know', async (context) => {
  const { proxy, passport } = await loggedIn(context, service)
  proxy.answer = () => null

  await failsWith(passport.applet.logout(), { code: 'NETWORK', operation: 'logout' })

  assert.equal(await passport.token('applet'), null)
})

test('a session outlives the program in a storage of one\'s own, which may be slow', async (context) => {
  const memory = memoryStorage()
  const slowly = (name) => async (...values) => {
    await new Promise((done) => setImmediate(done))
    return memory[name](...values)
  }
  const storage = { get: slowly('get'), set: slowly('set'), remove: slowly('remove') }
  const { proxy, token } = await loggedIn(context, service, { storage })

  const later = createPassport({ baseUrl: proxy.url, storage })

  assert.equal(await later.token('applet'), token)
  assert.ok((await later.applet.getUserInfo()).id)
})
