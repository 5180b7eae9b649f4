// uni-app里登录,并进入商城
import { createPassport, PassportError, uniPlatform } from 'passport-miniprogram'

const passport = createPassport({ baseUrl: 'http://127.0.0.1:8080', platform: uniPlatform(uni) })

export async function start(): Promise<string> {
  try {
    const member = await passport.mall.wechatLogin({ source: 2, code: await passport.loginCode() })
    return member.nickname
  } catch (error) {
    return error instanceof PassportError ? error.message : '请稍后再试' // message是给用户看的中文
  }
}
