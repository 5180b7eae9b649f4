import { isLost, notLoggedIn, PassportError } from './error.js'
import { appletOperations as operations, type WxLoginResult } from './generated/applet.js'
import type { HttpClient } from './http-client.js'
import { lifeOf } from './jwt.js'
import type { CallOptions, Operation, Parameters } from './operation.js'
import type { StoredToken, TokenStore } from './storage.js'

/** How long the service takes a replaced token for a repeated request rather than for a stolen one. */
const GRACE = 10_000

/** One try of a renewal must leave time for another within the grace. */
const RENEWAL_TIMEOUT = 3_000

/** Between the tries of one renewal. */
const PAUSES = [500, 1_000, 2_000]

/** After a renewal that got no answer, a token that still works is used for so long before the next. */
const REST = 60_000

const NEVER = Number.MAX_SAFE_INTEGER

export interface AppletSessionSettings {
  /** Milliseconds of this device's clock. */
  readonly now: () => number
  readonly pause: (milliseconds: number) => Promise<void>
  /** Milliseconds before its end from which on a token is renewed; never more than a fifth of its life. */
  readonly renewBefore: number
  /** A fresh code of wx.login(). */
  readonly loginCode: (() => Promise<string>) | undefined
  /** Whether to log in anew, unseen, when a token can no longer be renewed. */
  readonly relogin: boolean
  readonly loggedOut: (reason: PassportError | undefined) => void
}

/** Keeps the token of the applet dialect, and gives it to the requests that need one. */
export class AppletSession {
  private pendingLogin: Promise<WxLoginResult> | undefined
  private pendingRenewal: Promise<string> | undefined
  private restUntil = 0

  constructor(
    private readonly http: HttpClient,
    private readonly store: TokenStore,
    private readonly settings: AppletSessionSettings,
  ) {}

  /** Logs in once, however often it is called before that is done. */
  login(): Promise<WxLoginResult> {
    if (this.pendingLogin === undefined) {
      const done = () => {
        this.pendingLogin = undefined
      }
      this.pendingLogin = this.wxLogin()
      this.pendingLogin.then(done, done)
    }
    return this.pendingLogin
  }

  async token(): Promise<string | null> {
    const current = await this.store.read()
    return current === null ? null : current.token
  }

  async call<T>(operation: Operation, parameters: Parameters, options?: CallOptions): Promise<T> {
    const own = operation.token === undefined ? undefined : parameters[operation.token]
    if (operation === operations.wxLogin) return (await this.accept(parameters, options)) as unknown as T
    if (operation.token === undefined || own !== undefined) {
      const result = await this.http.send<T>(operation, parameters, options)
      if (operation === operations.logout) await this.drop(String(own), undefined)
      return result
    }
    if (operation === operations.logout) return this.logout<T>(parameters, options)
    if (operation === operations.refreshToken) return (await this.renewNow()) as unknown as T

    const name = operation.token
    const token = await this.usableToken(operation)
    try {
      return await this.http.send<T>(operation, { ...parameters, [name]: token }, options)
    } catch (error) {
      if (!(error instanceof PassportError) || error.code !== 401) throw error
      const next = await this.renewed(token)
      return this.http.send<T>(operation, { ...parameters, [name]: next }, options)
    }
  }

  private async wxLogin(): Promise<WxLoginResult> {
    if (this.settings.loginCode === undefined) throw new Error('createPassport: loginCode is needed for login()')
    return this.accept({ code: await this.settings.loginCode() })
  }

  private async accept(parameters: Parameters, options?: CallOptions): Promise<WxLoginResult> {
    const result = await this.http.send<WxLoginResult>(operations.wxLogin, parameters, options)
    await this.store.put(this.dated(result.token))
    return result
  }

  /** The user is out on this device in any case; an error says that the service could not be told. */
  private async logout<T>(parameters: Parameters, options?: CallOptions): Promise<T> {
    const quietly = () => undefined
    if (this.pendingLogin !== undefined) await this.pendingLogin.then(quietly, quietly)
    // The service would not know the user by a token that is just being replaced.
    if (this.pendingRenewal !== undefined) await this.pendingRenewal.then(quietly, quietly)
    const current = await this.store.read()
    if (current === null) throw notLoggedIn(operations.logout.id)
    await this.drop(current.token, undefined)
    return this.http.send<T>(operations.logout, { ...parameters, token: current.token }, options)
  }

  private async renewNow(): Promise<string> {
    const current = await this.store.read()
    if (current === null) throw notLoggedIn(operations.refreshToken.id)
    return this.renewed(current.token)
  }

  private async usableToken(operation: Operation): Promise<string> {
    if (this.pendingLogin !== undefined) await this.pendingLogin.catch(() => undefined)
    const current = await this.store.read()
    if (current === null) throw notLoggedIn(operation.id)
    const now = this.settings.now()
    const stillWorks = now < current.endsAt
    if (now < current.renewAt || (stillWorks && now < this.restUntil)) return current.token
    try {
      return await this.renewed(current.token)
    } catch (error) {
      if (!stillWorks || !isLost(error)) throw error
      this.restUntil = this.settings.now() + REST
      return current.token
    }
  }

  /** The token that takes the place of `old`; all who ask meanwhile wait for the same renewal. */
  private renewed(old: string): Promise<string> {
    if (this.pendingRenewal === undefined) {
      const done = () => {
        this.pendingRenewal = undefined
      }
      this.pendingRenewal = this.renew(old)
      this.pendingRenewal.then(done, done)
    }
    return this.pendingRenewal
  }

  private async renew(old: string): Promise<string> {
    const current = await this.store.read()
    if (current === null) throw notLoggedIn(operations.refreshToken.id)
    if (current.token !== old) return current.token
    let next: string
    try {
      next = await this.refreshToken(old)
    } catch (error) {
      if (isLost(error)) throw error
      return this.replaced(old, error as PassportError)
    }
    if (await this.store.replace(old, this.dated(next))) return next
    return this.newer(notLoggedIn(operations.refreshToken.id))
  }

  /** What to do when the service refuses to renew `old`. */
  private async replaced(old: string, refusal: PassportError): Promise<string> {
    const current = await this.store.read()
    if (current === null || current.token !== old) return this.newer(refusal)
    if (refusal.code === 401 && this.settings.relogin && this.settings.loginCode !== undefined) {
      try {
        return (await this.login()).token
      } catch (error) {
        if (isLost(error)) throw error
      }
    }
    await this.drop(old, refusal)
    return this.newer(refusal)
  }

  private async newer(otherwise: PassportError): Promise<string> {
    const current = await this.store.read()
    if (current === null) throw otherwise
    return current.token
  }

  /** A lost answer may hide a token that was replaced: only the same request, repeated at once, still finds it. */
  private async refreshToken(token: string): Promise<string> {
    const deadline = this.settings.now() + GRACE
    const timeout = Math.min(this.http.timeout, RENEWAL_TIMEOUT)
    for (const pause of PAUSES) {
      try {
        return await this.http.send<string>(operations.refreshToken, { token }, { timeout })
      } catch (error) {
        if (!isLost(error) || this.settings.now() + pause >= deadline) throw error
      }
      await this.settings.pause(pause)
    }
    return this.http.send<string>(operations.refreshToken, { token }, { timeout })
  }

  private async drop(token: string, reason: PassportError | undefined): Promise<void> {
    if (await this.store.replace(token, null)) this.settings.loggedOut(reason)
  }

  /** The device's clock may be wrong, so the token's times count from now rather than from what they say. */
  private dated(token: string): StoredToken {
    const life = lifeOf(token)
    const endsAt = Math.min(this.settings.now() + life, NEVER)
    return { token, renewAt: endsAt - Math.min(this.settings.renewBefore, life / 5), endsAt }
  }
}
