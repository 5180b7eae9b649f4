// The sample mini program: its pages' logic, with the real bundle, a real service and a `wx` that does real HTTP.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { sdk, service } from './service.mjs'
import { makeWx, runModule } from './wx.mjs'

const example = join(sdk, 'miniprogram/example')
const read = (path) => readFileSync(join(example, path), 'utf8')
const { pages } = JSON.parse(read('app.json'))

/** The sample, started, with each of its pages. */
async function start() {
  const openid = await service.sandbox.openid()
  const { wx, record } = makeWx(service.sandbox, { openid })
  const globals = { wx }
  globals.require = (name) => {
    assert.equal(name, 'passport-miniprogram')
    return runModule(readFileSync(join(sdk, 'miniprogram/miniprogram_dist/index.js'), 'utf8'), { wx }, name)
  }
  let app
  runModule(read('app.js').replace('http://127.0.0.1:8080', service.url), { ...globals, App: (made) => (app = made) }, 'app.js')
  app.onLaunch()
  const open = (path) => {
    let page
    runModule(read(`${path}.js`), { ...globals, getApp: () => app, Page: (made) => (page = made) }, path)
    page.setData = (data) => Object.assign(page.data, data)
    return page
  }
  return { openid, record, login: open('pages/login/login'), profile: open('pages/profile/profile') }
}

test('each page of the sample has all its files, and each handler that it names', () => {
  for (const path of pages) {
    for (const ending of ['js', 'json', 'wxml']) assert.ok(existsSync(join(example, `${path}.${ending}`)), `${path}.${ending}`)
    for (const [, handler] of read(`${path}.wxml`).matchAll(/\bbind\w+="(\w+)"/g)) {
      assert.match(read(`${path}.js`), new RegExp(`^  (async )?${handler}\\(`, 'm'))
    }
  }
})

test('a person logs in, binds a phone, edits the profile and logs out', async () => {
  const { openid, record, login, profile } = await start()
  const phone = await service.sandbox.phoneNumber()

  await login.onLoad()
  assert.equal(record.at, undefined, 'nobody is logged in yet')
  await login.login()
  assert.equal(record.at, '/pages/profile/profile')

  await profile.onShow()
  assert.match(profile.data.user.name, /^微信用户\d{8}$/)
  await profile.bindPhone({ detail: { code: await service.sandbox.phoneCode({ openid, phone }) } })
  await profile.save({ detail: { value: { name: '小明', bmi: '22.5', fat: '' } } })
  assert.deepEqual([profile.data.user.name, profile.data.user.phone, profile.data.user.bmi], ['小明', phone, 22.5])
  await profile.save({ detail: { value: { name: '', bmi: '22.5', fat: '' } } })
  assert.equal(profile.data.user.name, '小明')
  assert.deepEqual(record.shown.slice(0, 2), ['绑定成功', '更新成功'])
  assert.match(record.shown[2], /name/)

  await profile.bindPhone({ detail: {} })
  assert.equal(record.shown.length, 3, 'a person may refuse to give the number')

  await profile.logout()
  assert.equal(record.at, '/pages/login/login')
})

test('who is still logged in goes straight to the profile', async () => {
  const { record, login } = await start()
  await login.login()
  record.at = undefined

  await login.onLoad()

  assert.deepEqual([record.at, record.logins], ['/pages/profile/profile', 1])
})
