Page({
  data: { busy: false },

  async onLoad() {
    // 上次的登录还在,就不用再登录。token快到期时SDK自动续期。
    if (await getApp().passport.token('applet')) enter()
  },

  async login() {
    this.setData({ busy: true })
    try {
      await getApp().passport.login()
      enter()
    } catch (error) {
      wx.showToast({ title: error.message, icon: 'none' })
    } finally {
      this.setData({ busy: false })
    }
  },
})

function enter() {
  wx.reLaunch({ url: '/pages/profile/profile' })
}
