import { PassportError } from './error.js'
import type { Platform } from './passport.js'
import { TransportFailure } from './transport.js'

interface Answer {
  statusCode: number
  data: unknown
  header?: object
}

/** wx、uni和Taro共有的部分。 */
export interface MiniProgramApi {
  request(options: {
    url: string
    method: 'GET' | 'POST'
    header: Record<string, string>
    data?: string
    timeout: number
    success(answer: Answer): void
    fail(failure: { errMsg?: string }): void
  }): unknown
  login(options: { provider?: 'weixin'; success(result: { code?: string }): void; fail(failure: object): void }): unknown
  getStorageSync(key: string): unknown
  setStorageSync(key: string, value: string): unknown
  removeStorageSync(key: string): unknown
}

export interface MiniProgramPlatform extends Platform {
  readonly loginCode: () => Promise<string>
}

declare function setTimeout(task: () => void, milliseconds: number): unknown

function platform(api: MiniProgramApi, provider?: 'weixin'): MiniProgramPlatform {
  return {
    transport: ({ method, url, headers, body, timeout }) =>
      new Promise((resolve, reject) => {
        const task = api.request({
          url,
          method,
          header: headers,
          timeout,
          ...(body === undefined ? {} : { data: body }),
          success: (answer) =>
            resolve({ status: answer.statusCode, body: answer.data, headers: (answer.header || {}) as Record<string, unknown> }),
          fail: (failure) => reject(new TransportFailure(/time.?out/i.test(failure.errMsg || '') ? 'TIMEOUT' : 'NETWORK')),
        })
        heard(task)
      }),
    storage: {
      get: (key) => {
        const value = api.getStorageSync(key)
        return typeof value === 'string' ? value : null
      },
      set: (key, value) => {
        api.setStorageSync(key, value)
      },
      remove: (key) => {
        api.removeStorageSync(key)
      },
    },
    pause: (milliseconds) =>
      new Promise((resolve) => {
        if (typeof setTimeout === 'function') setTimeout(resolve, milliseconds)
        else resolve()
      }),
    loginCode: () =>
      new Promise((resolve, reject) => {
        const fail = () => reject(new PassportError('wx.login', 'NETWORK', '微信登录失败,请稍后再试'))
        const task = api.login({
          ...(provider === undefined ? {} : { provider }),
          success: ({ code }) => (code ? resolve(code) : fail()),
          fail,
        })
        heard(task)
      }),
  }
}

/** Taro tells a failure twice, by `fail` and by a promise that nobody would look at. */
function heard(task: unknown): void {
  const promise = task as Partial<Promise<unknown>> | null | undefined
  if (promise && promise.then) promise.then(undefined, () => undefined)
}

/** 微信小程序:wxPlatform(wx)。 */
export function wxPlatform(api: MiniProgramApi): MiniProgramPlatform {
  return platform(api)
}

/** uni-app:uniPlatform(uni)。 */
export function uniPlatform(api: MiniProgramApi): MiniProgramPlatform {
  return platform(api, 'weixin')
}

/** Taro:taroPlatform(Taro)。 */
export function taroPlatform(api: MiniProgramApi): MiniProgramPlatform {
  return platform(api)
}
