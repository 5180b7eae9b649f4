Page({
  data: { user: null },

  onShow() {
    return this.attempt(() => this.load())
  },

  // <button open-type="getPhoneNumber">:用户拒绝时没有code。
  bindPhone({ detail }) {
    if (!detail.code) return
    return this.attempt(async (applet) => {
      await applet.bindPhoneNumber({ phoneCode: detail.code })
      await this.load()
      wx.showToast({ title: '绑定成功' })
    })
  },

  // <form bindsubmit>:没有填的数字清除。
  save({ detail }) {
    const { name, bmi, fat } = detail.value
    return this.attempt(async (applet) => {
      await applet.updateUserInfo({ userInfo: { name, bmi: number(bmi), fat: number(fat) } })
      await this.load()
      wx.showToast({ title: '更新成功' })
    })
  },

  logout() {
    return this.attempt((applet) => applet.logout())
  },

  async load() {
    this.setData({ user: await getApp().passport.applet.getUserInfo() })
  },

  // 失败的提示都是给用户看的中文。
  async attempt(action) {
    try {
      await action(getApp().passport.applet)
    } catch (error) {
      wx.showToast({ title: error.message, icon: 'none' })
    }
  },
})

function number(text) {
  return text === '' ? null : Number(text)
}
