import { browserStorage, fetchTransport } from './fetch.js'
import { assemble, type Passport, type PassportOptions } from './passport.js'

export * from './exports.js'
export { browserStorage }

export interface FetchOptions extends PassportOptions {
  /** 代替全局的fetch。 */
  fetch?: typeof fetch
}

/** 浏览器和Node的客户端。 */
export function createPassport(options: FetchOptions): Passport {
  const send = options.fetch
  return assemble(options, {
    transport: fetchTransport((url, init) => (send ? send(url, init) : fetch(url, init))),
    storage: browserStorage(),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  })
}
