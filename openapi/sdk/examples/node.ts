// 全部类型:每个操作一个函数,以operationId命名
import { createPassport, memoryStorage, type AppletUserInfo, PassportError, type Passport } from 'passport-sdk'

const passport: Passport = createPassport({
  baseUrl: 'http://127.0.0.1:8080',
  timeout: 5000,
  storage: memoryStorage(),
})

passport.onLogout((dialect, reason) => console.log(dialect, reason?.message))

export async function profile(code: string): Promise<AppletUserInfo> {
  const { token } = await passport.applet.wxLogin({ code })
  await passport.applet.updateUserInfo({ userInfo: { name: '小明', avatar: null, bmi: 22.5 } })
  return passport.applet.getUserInfo({ token }, { timeout: 1000 })
}

export async function register(username: string, password: string, code: string): Promise<number> {
  try {
    return (await passport.mall.register({ username, password, code })).id
  } catch (error) {
    // 商城接口的失败也是错误,虽然HTTP状态码是200
    if (error instanceof PassportError && error.code === 0) console.log(error.msg, error.operation, error.status)
    throw error
  }
}
