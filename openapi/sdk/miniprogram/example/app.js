const { createPassport } = require('passport-miniprogram')

App({
  onLaunch() {
    // 换成自己的服务地址,并在小程序后台把它加入request合法域名。
    this.passport = createPassport({ baseUrl: 'http://127.0.0.1:8080' })
    // 登录状态结束(自己退出,或无法自动恢复)时回到登录页。
    this.passport.onLogout(() => wx.reLaunch({ url: '/pages/login/login' }))
  },
})
