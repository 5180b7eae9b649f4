// Both dialects from end to end, with nothing that only Node or only a browser has: it runs in both.

export async function walkApplet(passport, sandbox, { equal, failsWith }) {
  const { applet } = passport
  const openid = await sandbox.openid()
  const phone = await sandbox.phoneNumber()

  await failsWith(applet.wxLogin({ code: 'nobody' }), { code: 400, operation: 'wxLogin', message: '微信登录失败: code无效' })
  await failsWith(applet.getUserInfo(), { code: 401, operation: 'getUserInfo', message: '尚未登录' })

  const login = await applet.wxLogin({ code: await sandbox.loginCode({ openid }) })
  equal(login.openid, openid)
  equal(await passport.token('applet'), login.token)
  equal((await applet.checkLogin()).id, login.userInfo.id)

  equal(await applet.getPhoneNumber({ code: await sandbox.phoneCode({ phone }) }), phone)
  equal(await applet.bindPhoneNumber({ phoneCode: await sandbox.phoneCode({ phone, openid }) }), '绑定成功')
  await failsWith(applet.bindPhoneNumber({ phoneCode: 'nobody' }), { code: 400, operation: 'bindPhoneNumber', message: '获取手机号失败: code无效' })

  equal(await applet.updateUserInfo({ userInfo: { name: '小明', bmi: 22.5 } }), '更新成功')
  const user = await applet.getUserInfo()
  equal([user.name, user.bmi, user.phone], ['小明', 22.5, phone])
  await failsWith(applet.updateUserInfo({ userInfo: { bmi: 1000 } }), { code: 400, operation: 'updateUserInfo' })

  const renewed = await applet.refreshToken()
  equal(await passport.token('applet'), renewed)
  await failsWith(applet.getUserInfo({ token: login.token }), { code: 401, operation: 'getUserInfo', message: 'token无效' })
  equal((await applet.getUserInfo({ token: renewed })).id, user.id)

  equal(await applet.logout(), '退出成功')
  equal(await passport.token('applet'), null)
  await failsWith(applet.checkLogin({ token: renewed }), { code: 401, operation: 'checkLogin', message: 'token无效' })
}

export async function walkMall(passport, sandbox, { equal, failsWith }) {
  const { mall } = passport
  const username = await sandbox.phoneNumber()
  const password = 'correct horse 42'

  for (const page of [mall.loginPage, mall.registerPage, mall.forgetPage]) {
    equal(await page(), { title: 'A3Mall B2B2C', ctitle: '沃生优购', split: 0 })
  }
  await failsWith(mall.autologin(), { code: '-1002', operation: 'autologin', status: 200 })
  await failsWith(mall.login({ username, password }), { code: 0, operation: 'login', status: 200, message: '账号或密码错误' })

  equal(await mall.sendSms({ username, type: 'register' }), {})
  const member = await mall.register({ username, password, code: await sandbox.smsCode(username) })
  equal(member.mobile, username)
  equal(await passport.token('mall'), member.token)
  equal((await mall.autologin({ spread_id: member.id })).id, member.id)

  await mall.sendSms({ username, type: 'password' })
  const changed = await mall.forget({ username, password: `${password} more`, code: await sandbox.smsCode(username) })
  await failsWith(mall.autologin({ 'Auth-Token': member.token }), { code: '-1002', operation: 'autologin', status: 200 })
  equal(await passport.token('mall'), changed.token)
  const again = await mall.login({ username, password: `${password} more` })
  equal(again.id, member.id)

  const { url, state } = await mall.wechatAuthorize()
  equal(url.includes(`state=${state}`), true)
  const code = await sandbox.oauthCode({ nickname: '小红' })
  await failsWith(mall.wechatLogin({ source: 1, code, state: 'of somebody else' }), { code: 'STATE_MISMATCH', operation: 'wechatLogin', status: 0 })
  equal((await mall.wechatLogin({ source: 1, code, state })).nickname, '小红')
  await failsWith(mall.wechatLogin({ source: 1, code, state }), { code: 'STATE_MISMATCH', operation: 'wechatLogin' })

  const userInfo = JSON.stringify({ nickName: '小兰' })
  const visitor = await mall.wechatLogin({ source: 2, code: await sandbox.loginCode(), userInfo })
  equal([visitor.nickname, await passport.token('mall')], ['小兰', visitor.token])

  await mall.mallLogout({ 'Auth-Token': again.token })
  await failsWith(mall.autologin({ 'Auth-Token': again.token }), { code: '-1002', operation: 'autologin', status: 200 })
  equal(await passport.token('mall'), visitor.token)

  await passport.logoutMall()
  equal(await passport.token('mall'), null)
  await failsWith(mall.autologin({ 'Auth-Token': visitor.token }), { code: '-1002', operation: 'autologin', status: 200 })
  await failsWith(mall.mallLogout(), { code: '-1002', operation: 'mallLogout', status: 200 })
  await passport.logoutMall()
}
