// 网页里登录商城:手机号和密码,或公众号授权
import { createPassport } from 'passport-sdk'

const passport = createPassport({ baseUrl: 'http://127.0.0.1:8080' })

export async function logIn(username: string, password: string): Promise<string> {
  const member = await passport.mall.login({ username, password }) // token保存在localStorage
  return member.nickname
}

export const stillLoggedIn = () => passport.mall.autologin().then((member) => member.nickname, () => null)

export async function toWeChat(): Promise<void> {
  location.href = (await passport.mall.wechatAuthorize()).url // SDK记住state
}

export async function backFromWeChat(): Promise<string> {
  const back = new URLSearchParams(location.search)
  const [code, state] = [back.get('code') ?? '', back.get('state') ?? '']
  return (await passport.mall.wechatLogin({ source: 1, code, state })).nickname // SDK比较state
}
