// app.js:微信小程序里登录
const { createPassport } = require('passport-miniprogram')

const passport = createPassport({ baseUrl: 'http://127.0.0.1:8080' })

async function start() {
  const { userInfo } = await passport.login() // wx.login()和wxLogin;同时调用多次也只登录一次
  console.log('你好,' + userInfo.name)
  const user = await passport.applet.getUserInfo() // token自动带上,到期前自动续期
  console.log(user.phone || '还没有绑定手机号')
}

module.exports = { start }
