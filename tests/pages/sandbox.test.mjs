// The sandbox's page, used while a client is developed.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { SANDBOX, SERVICE, clipboard, inWindow, launch, phoneNumber, picture, windows } from './browser.mjs'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser?.close())

const post = async (url, fields) => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(fields),
  })
  return answer.json()
}

const wxLogin = (code) => post(`${SERVICE}/applet/login/wxLogin`, { code })

/** The code that the section shows after its button was pressed, copied. */
async function copied(page, section) {
  await section.locator('output').getByRole('button', { name: '复制' }).click()
  await section.locator('output').getByRole('button', { name: '已复制' }).waitFor()
  const code = await clipboard(page)
  assert.equal(code, await section.locator('output code').innerText())
  return code
}

for (const { name, viewport } of windows) {
  test(`in a ${name} window codes are minted, copied, and of use to the service`, async () => {
    await inWindow(browser, viewport, async (page) => {
      await page.goto(SANDBOX)
      const openid = `o-${phoneNumber()}`
      const mint = async (id, button) => {
        await page.locator(id).getByRole('button', { name: button }).click()
        return copied(page, page.locator(id))
      }

      await page.locator('#login').getByLabel('openid').fill(openid)
      const login = await wxLogin(await mint('#login', '生成登录 code'))
      assert.equal(login.success, true)

      const phone = phoneNumber()
      await page.locator('#phone').getByLabel('手机号').fill(phone)
      await page.locator('#phone').getByLabel('openid').fill(openid)
      const phoneCode = await mint('#phone', '生成手机号 code')
      const bound = await post(`${SERVICE}/applet/login/bindPhoneNumber`, { token: login.result.token, phoneCode })
      assert.equal(bound.success, true, bound.message)

      assert.match(await mint('#oauth', '生成网页授权 code'), /^[0-9a-f]{32}$/)

      const known = page.locator('#identity-rows tr', { hasText: openid })
      await known.getByRole('button', { name: '登录 code', exact: true }).click()
      const again = await wxLogin(await copied(page, page.locator('#identities')))
      assert.equal(again.result.userInfo.id, login.result.userInfo.id)
      await picture(page, `sandbox-${name}`)
    })
  })

  test(`in a ${name} window a message appears by itself, the newest first, with a code to copy`, async () => {
    await inWindow(browser, viewport, async (page) => {
      await page.goto(SANDBOX)
      for (const username of [phoneNumber(), phoneNumber()]) {
        const sent = await post(`${SERVICE}/users/send_sms`, { username, type: 'register' })
        assert.equal(sent.code, 1, sent.msg)

        const newest = page.locator('#message-rows tr').first()
        await newest.filter({ hasText: username }).waitFor()
        await newest.getByRole('button', { name: '复制' }).click()

        const [message] = await (await fetch(`${SANDBOX}/sms?mobile=${username}`)).json()
        await page.waitForFunction(async (code) => (await navigator.clipboard.readText()) === code, message.code)
      }
    })
  })

  test(`in a ${name} window a fault is switched on, felt by the service, and switched off`, async () => {
    await inWindow(browser, viewport, async (page) => {
      await page.goto(SANDBOX)
      const faults = page.locator('#faults')
      await faults.getByLabel('接口').selectOption('/sns/jscode2session')
      await faults.getByLabel('类型').selectOption('errcode')
      await faults.getByLabel('错误码', { exact: true }).fill('-1')
      await faults.getByLabel('持续').selectOption('直到关闭')
      await faults.getByRole('button', { name: '开启故障' }).click()
      const waiting = faults.locator('#fault-rows tr')
      await waiting.waitFor()
      await picture(page, `sandbox-fault-${name}`)
      assert.equal((await wxLogin('wx_login_code_here')).code, 503)

      await waiting.getByRole('button', { name: '关闭' }).click()

      await waiting.waitFor({ state: 'detached' })
      assert.equal((await wxLogin('wx_login_code_here')).code, 200)

      await faults.getByLabel('类型').selectOption('drop')
      assert.equal(await faults.locator('input[name=value]').isVisible(), false, 'to cut off takes no value')
      await faults.getByRole('button', { name: '开启故障' }).click()
      await waiting.waitFor()
      await faults.getByRole('button', { name: '关闭全部故障' }).click()
      await waiting.waitFor({ state: 'detached' })
    })
  })

  test(`in a ${name} window a person goes through the consent page, and may refuse`, async () => {
    await inWindow(browser, viewport, async (page, context) => {
      await page.goto(SANDBOX)
      await page.getByLabel('服务地址').fill(SERVICE)
      const open = async () => {
        const [opened] = await Promise.all([
          context.waitForEvent('page'),
          page.getByRole('button', { name: '打开授权页面' }).click(),
        ])
        await opened.getByRole('heading', { name: '微信授权' }).waitFor()
        return opened
      }

      const consent = await open()
      const nickname = `小明 <b>${name}</b>`
      await consent.getByLabel('昵称').fill(nickname)
      await picture(consent, `consent-${name}`)
      await consent.getByRole('button', { name: '允许' }).click()
      await consent.getByText('已授权').waitFor()
      await picture(consent, `callback-${name}`)

      const [code, state] = [await consent.getByLabel('code').inputValue(), await consent.getByLabel('state').inputValue()]
      const login = await context.request.post(`${SERVICE}/wechat.auth/login`, { data: { source: 1, code, state } })
      const answer = await login.json()
      assert.deepEqual([answer.code, answer.data?.nickname], [1, nickname])

      const refused = await open()
      await refused.getByRole('button', { name: '拒绝' }).click()
      await refused.getByText('用户拒绝了授权').waitFor()
    })
  })
}

test('what clients send in is shown as text', async () => {
  await inWindow(browser, windows[0].viewport, async (page) => {
    await page.goto(SANDBOX)
    const attack = '<script>document.title="run"</script><img/src=x/onerror=alert(1)>'
    await page.locator('#login').getByLabel('openid').fill(attack.slice(0, 64))
    await page.locator('#login').getByRole('button', { name: '生成登录 code' }).click()
    await post(`${SANDBOX}/sms`, { mobile: '<img src=x>', type: '<b>', code: '"><script>alert(1)' })

    await page.locator('#identity-rows').getByText(attack.slice(0, 64)).waitFor()
    await page.locator('#message-rows').getByText('"><script>alert(1)').waitFor()
    assert.equal(await page.locator('tbody script, tbody img, tbody b').count(), 0)
    assert.equal(await page.title(), '微信与短信沙箱')
    await page.goto(`${SANDBOX}/?service=javascript:alert(1)`)
    assert.equal(await page.getByLabel('服务地址').inputValue(), 'javascript:alert(1)')
    await page.getByRole('button', { name: '打开授权页面' }).click()
    await page.locator('#consent').getByText('服务地址应以').waitFor()
  })
})

test('the page says when the sandbox does not answer, and goes on when it does', async () => {
  const browserContext = await browser.newContext()
  const page = await browserContext.newPage()
  await page.goto(SANDBOX)
  await browserContext.setOffline(true)
  await page.getByText('沙箱没有响应').waitFor()
  await browserContext.setOffline(false)
  await page.getByText('列表会自动更新').waitFor()
  await browserContext.close()
})
