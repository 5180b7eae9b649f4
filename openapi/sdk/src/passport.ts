import { AppletSession } from './applet-session.js'
import type { PassportError } from './error.js'
import { appletApi, type AppletApi, type WxLoginResult } from './generated/applet.js'
import { mallApi, type MallApi } from './generated/mall.js'
import { HttpClient } from './http-client.js'
import { MallSession } from './mall-session.js'
import type { Parameters } from './operation.js'
import { type Storage, TokenStore } from './storage.js'
import type { Transport } from './transport.js'

const DAY = 24 * 60 * 60 * 1000

export interface PassportOptions {
  /** 服务的地址,例如https://passport.example.com。 */
  baseUrl: string
  /** 每个请求的超时,毫秒;默认10秒。 */
  timeout?: number
  /** 保存token的地方。 */
  storage?: Storage
  /** 保存时键的前缀;默认"passport"。 */
  storagePrefix?: string
  /** 小程序token到期前多少毫秒开始续期;默认一天,且不超过token有效期的五分之一。 */
  renewBefore?: number
  /** 小程序token无法再续期时,是否自动重新登录(需要loginCode);默认是。 */
  relogin?: boolean
  /** 取得wx.login()的code。 */
  loginCode?: () => Promise<string>
  /** 当前时间(毫秒),供测试使用。 */
  now?: () => number
}

export interface Platform {
  readonly transport: Transport
  readonly storage: Storage
  readonly pause: (milliseconds: number) => Promise<void>
}

export type Dialect = 'applet' | 'mall'

/** reason是使登录失效的失败;用户自己退出时没有。 */
export type LogoutListener = (dialect: Dialect, reason: PassportError | undefined) => void

export interface Passport {
  /** 小程序接口;省略token时使用已登录的会话,并自动续期。 */
  readonly applet: AppletApi
  /** 商城接口;登录成功后保存token,autologin和mallLogout自动带上。 */
  readonly mall: MallApi
  /** 调用wx.login()和wxLogin登录;同时调用多次也只登录一次。 */
  login(): Promise<WxLoginResult>
  /** 取得wx.login()的code,例如用于mall.wechatLogin({ source: 2, code })。 */
  loginCode(): Promise<string>
  /** 保存着的token;未登录时为null。 */
  token(dialect: Dialect): Promise<string | null>
  /** 退出商城:与mall.mallLogout()相同,但没有登录时什么也不做。小程序请用applet.logout()。 */
  logoutMall(): Promise<void>
  /** 登录状态结束时通知;返回取消通知的函数。 */
  onLogout(listener: LogoutListener): () => void
}

export function assemble(options: PassportOptions, platform: Platform): Passport {
  const listeners: LogoutListener[] = []
  const loggedOut = (dialect: Dialect) => (reason: PassportError | undefined) => {
    for (const listener of listeners.slice()) listener(dialect, reason)
  }
  const { loginCode, storagePrefix: prefix = 'passport', now = () => Date.now() } = options
  const storage = options.storage || platform.storage
  const http = new HttpClient(platform.transport, options.baseUrl.replace(/\/+$/, ''), options.timeout || 10_000)
  const applet = new AppletSession(http, new TokenStore(storage, `${prefix}.applet`), {
    now,
    pause: platform.pause,
    renewBefore: options.renewBefore === undefined ? DAY : options.renewBefore,
    loginCode,
    relogin: options.relogin !== false,
    loggedOut: loggedOut('applet'),
  })
  const mallStore = new TokenStore(storage, `${prefix}.mall`)
  const mall = new MallSession(http, mallStore, storage, `${prefix}.mall.state`, loggedOut('mall'))
  return {
    applet: appletApi((operation, parameters, call) => applet.call(operation, parameters as Parameters, call)),
    mall: mallApi((operation, parameters, call) => mall.call(operation, parameters as Parameters, call)),
    login: () => applet.login(),
    loginCode: () => (loginCode ? loginCode() : Promise.reject(new Error('createPassport: loginCode is missing'))),
    token: (dialect) => (dialect === 'applet' ? applet.token() : mall.token()),
    logoutMall: () => mall.logout(),
    onLogout(listener) {
      listeners.push(listener)
      return () => {
        const index = listeners.indexOf(listener)
        if (index >= 0) listeners.splice(index, 1)
      }
    },
  }
}
