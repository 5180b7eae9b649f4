/** 不是服务返回的失败码:网络不通、超时、返回体不是约定的格式、OAuth的state不一致。 */
export type LocalCode = 'NETWORK' | 'TIMEOUT' | 'BAD_ANSWER' | 'STATE_MISMATCH'

/** 一次调用失败。HTTP状态为200但返回体表示失败时,同样抛出它。 */
export class PassportError extends Error {
  /**
   * 返回体里的code:小程序接口是数字(400、401……),商城接口是0,autologin是"-1002";
   * 没有收到有效的返回体时是一个{@link LocalCode}。
   */
  readonly code: number | string
  /** HTTP状态码;没有收到响应时是0。 */
  readonly status: number
  /** 失败的操作,即文档里的operationId。 */
  readonly operation: string
  /** 多少秒之后可以再试(响应头Retry-After)。 */
  readonly retryAfter: number | undefined

  constructor(operation: string, code: number | string, message: string, status = 0, retryAfter?: number) {
    super(message)
    this.name = 'PassportError'
    this.operation = operation
    this.code = code
    this.status = status
    this.retryAfter = retryAfter
  }

  /** 与message相同:商城接口把它叫做msg。 */
  get msg(): string {
    return this.message
  }
}

/** Whether nobody knows what became of the request: no answer of the service arrived, or it could not serve. */
export function isLost(error: unknown): boolean {
  return !(error instanceof PassportError) || typeof error.code === 'string' || error.status >= 500 || error.code >= 500
}

export function notLoggedIn(operation: string): PassportError {
  return new PassportError(operation, 401, '尚未登录')
}
