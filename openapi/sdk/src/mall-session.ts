import { PassportError } from './error.js'
import { mallOperations as operations } from './generated/mall.js'
import type { HttpClient } from './http-client.js'
import type { CallOptions, Operation, Parameters } from './operation.js'
import type { Storage, TokenStore } from './storage.js'

const LOGGED_OUT = '-1002'

/** Keeps the token of the mall dialect, and compares the state of WeChat's consent page. */
export class MallSession {
  constructor(
    private readonly http: HttpClient,
    private readonly store: TokenStore,
    private readonly storage: Storage,
    private readonly stateKey: string,
    private readonly loggedOut: (reason: PassportError | undefined) => void,
  ) {}

  async token(): Promise<string | null> {
    const current = await this.store.read()
    return current === null ? null : current.token
  }

  /** Does nothing without a token. */
  async logout(): Promise<void> {
    if ((await this.token()) !== null) await this.end({})
  }

  async call<T>(operation: Operation, parameters: Parameters, options?: CallOptions): Promise<T> {
    if (operation === operations.autologin) return this.autologin<T>(parameters, options)
    if (operation === operations.mallLogout) return this.end<T>(parameters, options)
    if (operation === operations.wechatLogin && parameters['source'] === 1) await this.compareState(parameters['state'])
    const result = await this.http.send<T>(operation, parameters, options)
    const { token, state } = result as { token?: unknown; state?: unknown }
    if (operation === operations.wechatAuthorize) await this.storage.set(this.stateKey, String(state))
    else if (typeof token === 'string') await this.store.put(undated(token))
    return result
  }

  private async autologin<T>(parameters: Parameters, options?: CallOptions): Promise<T> {
    const name = operations.autologin.token
    if (parameters[name] !== undefined) return this.http.send<T>(operations.autologin, parameters, options)
    const token = await this.token()
    try {
      return await this.http.send<T>(operations.autologin, { ...parameters, [name]: token || undefined }, options)
    } catch (error) {
      if (token !== null && error instanceof PassportError && error.code === LOGGED_OUT) await this.drop(token, error)
      throw error
    }
  }

  /** The user is out on this device in any case; an error says that the service could not be told. */
  private async end<T>(parameters: Parameters, options?: CallOptions): Promise<T> {
    const name = operations.mallLogout.token
    const own = parameters[name]
    const token = own === undefined ? await this.token() : String(own)
    if (token !== null) await this.drop(token, undefined)
    return this.http.send<T>(operations.mallLogout, { ...parameters, [name]: token || undefined }, options)
  }

  /** Otherwise a stranger's link could log this user in to the stranger's account. Works once. */
  private async compareState(state: unknown): Promise<void> {
    const expected = await this.storage.get(this.stateKey)
    if (!expected || expected !== state) {
      throw new PassportError(operations.wechatLogin.id, 'STATE_MISMATCH', '授权状态不一致,请重新授权')
    }
    await this.storage.remove(this.stateKey)
  }

  private async drop(token: string, reason: PassportError | undefined): Promise<void> {
    if (await this.store.replace(token, null)) this.loggedOut(reason)
  }
}

/** The service extends it by autologin, so its end is not known here. */
function undated(token: string) {
  return { token, renewAt: Number.MAX_SAFE_INTEGER, endsAt: Number.MAX_SAFE_INTEGER }
}
