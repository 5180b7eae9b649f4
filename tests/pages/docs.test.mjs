// What a front-end developer can do with the two pages alone: wxLogin to updateUserInfo, send_sms to autologin.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { SANDBOX, SERVICE, inWindow, launch, phoneNumber, picture, windows } from './browser.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser?.close())

/** Opens the operation, sends the example with `change` made to it, and gives the answer's status and body. */
async function tryOut(page, operationId, { change, header, query } = {}) {
  const operation = page.locator(`.opblock[id$="-${operationId}"]`)
  await operation.locator('.opblock-summary-control').click()
  await operation.getByRole('button', { name: '试一试' }).click()
  for (const [name, value] of Object.entries({ ...header, ...query })) {
    await operation.locator(`tr[data-param-name="${name}"] input`).fill(value)
  }
  if (change) {
    const field = operation.locator('textarea.body-param__text')
    const body = JSON.parse(await field.inputValue())
    await field.fill(JSON.stringify(change(body)))
  }
  const [response] = await Promise.all([
    page.waitForResponse((response) => response.request().resourceType() === 'fetch'),
    operation.getByRole('button', { name: '发送', exact: true }).click(),
  ])
  const body = await response.json()
  await operation.locator('.live-responses-table').waitFor()
  assert.match(await operation.locator('.live-responses-table .response').first().innerText(), new RegExp(`${response.status()}`))
  return { status: response.status(), body }
}

async function openDocs(page, path = '/docs') {
  await page.goto(SERVICE + path)
  await page.locator('.opblock').first().waitFor()
}

test('the page is in Chinese, leads with the mini program, and lists each operation with its failures', async () => {
  await inWindow(browser, windows[1].viewport, async (page) => {
    await openDocs(page, '/docs/')

    assert.equal(await page.title(), 'passport 接口文档')
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN')
    const tags = await page.locator('.opblock-tag').evaluateAll((all) => all.map((tag) => tag.dataset.tag))
    assert.equal(tags[0], '小程序登录')
    assert.deepEqual(tags, [...tags].sort((one, other) => other.startsWith('小程序') - one.startsWith('小程序')))
    const documented = await (await page.request.get(`${SERVICE}/openapi.json`)).json()
    const operations = Object.values(documented.paths).flatMap((path) => Object.values(path))
    assert.equal(await page.locator('.opblock').count(), operations.length)

    for (const link of await page.locator('header nav a').all()) {
      const path = await link.getAttribute('href')
      const answer = await page.request.get(SERVICE + path)
      if (path.endsWith('.json')) assert.equal((await answer.json()).openapi, '3.0.0', path)
      else assert.match(await answer.text(), /createPassport/, path)
    }
    await page.locator('.opblock[id$="-wxLogin"] .opblock-summary-control').click()
    const failures = await page.locator('.opblock[id$="-wxLogin"] .responses-table').innerText()
    for (const words of ['400', '429', '503', '微信登录失败: code无效']) assert.ok(failures.includes(words), words)
  })
})

test('a link in the introduction opens its operation', async () => {
  await inWindow(browser, windows[1].viewport, async (page) => {
    await openDocs(page)
    await page.locator('header').getByRole('link', { name: 'updateUserInfo' }).click()
    await page.locator('.opblock.is-open[id$="-updateUserInfo"]').waitFor()
    await page.reload()
    await page.locator('.opblock.is-open[id$="-updateUserInfo"]').waitFor()
  })
})

for (const { name, viewport } of windows) {
  test(`in a ${name} window a person gets from wxLogin to updateUserInfo with the documented examples`, async () => {
    await inWindow(browser, viewport, async (page) => {
      await openDocs(page)
      await picture(page, `docs-${name}`)

      const login = await tryOut(page, 'wxLogin')
      assert.deepEqual([login.status, login.body.message], [200, '登录成功'])
      const { token } = login.body.result
      await picture(page, `docs-wxLogin-${name}`)

      const bound = await tryOut(page, 'bindPhoneNumber', { change: (body) => ({ ...body, token }) })
      assert.equal(bound.status, 200)
      const updated = await tryOut(page, 'updateUserInfo', {
        change: (body) => ({ ...body, token, userInfo: { ...body.userInfo, name: `${name}的名字` } }),
      })
      assert.deepEqual([updated.status, updated.body.message], [200, '更新成功'])
      const user = await tryOut(page, 'getUserInfo', { query: { token } })
      assert.equal(user.body.result.name, `${name}的名字`)
    })
  })

  test(`in a ${name} window a person gets from send_sms to autologin, with the code read on the sandbox's page`, async () => {
    await inWindow(browser, viewport, async (page, context) => {
      await openDocs(page)
      const [sandbox] = await Promise.all([
        context.waitForEvent('page'),
        page.locator('header').getByRole('link', { name: '打开沙箱页面' }).click(),
      ])
      await sandbox.locator('#messages').waitFor()
      assert.ok(sandbox.url().startsWith(SANDBOX))
      assert.equal(await sandbox.getByLabel('服务地址').inputValue(), SERVICE)
      await page.bringToFront()
      const username = phoneNumber()

      const sent = await tryOut(page, 'sendSms', { change: (body) => ({ ...body, username, type: 'register' }) })
      assert.deepEqual([sent.status, sent.body.code], [200, 1])
      await sandbox.bringToFront()
      const message = sandbox.locator('#message-rows tr', { hasText: username })
      const code = await message.locator('code').innerText()
      assert.match(code, /^\d{6}$/)
      await page.bringToFront()

      const registered = await tryOut(page, 'register', { change: (body) => ({ ...body, username, code }) })
      assert.equal(registered.body.code, 1, registered.body.msg)
      const { token } = registered.body.data
      const resumed = await tryOut(page, 'autologin', { header: { 'Auth-Token': token } })
      assert.deepEqual([resumed.body.code, resumed.body.data.username], [1000, username])
      await picture(page, `docs-autologin-${name}`)
    })
  })
}

test('a person gets from wechatAuthorize through the consent page to wechatLogin', async () => {
  await inWindow(browser, windows[1].viewport, async (page, context) => {
    await openDocs(page)
    const asked = await tryOut(page, 'wechatAuthorize', { query: { redirect_uri: '' } })
    const consent = await context.newPage()
    await consent.goto(asked.body.data.url)
    await consent.getByRole('button', { name: '允许' }).click()
    const [code, state] = [await consent.getByLabel('code').inputValue(), await consent.getByLabel('state').inputValue()]
    assert.equal(state, asked.body.data.state)

    const login = await tryOut(page, 'wechatLogin', { change: (body) => ({ ...body, source: 1, code, state }) })

    assert.deepEqual([login.body.code, login.body.msg], [1, '授权成功'])
  })
})
