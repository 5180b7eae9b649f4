import type { LocalCode } from './error.js'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON文本。 */
  readonly body: string | undefined
  /** 毫秒。 */
  readonly timeout: number
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  /** 文本,或已经解析的JSON。 */
  readonly body: unknown
}

/** 发送一个HTTP请求。任何状态码都是答复;没有答复时以{@link TransportFailure}拒绝。 */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>

export class TransportFailure extends Error {
  readonly code: LocalCode

  constructor(code: 'NETWORK' | 'TIMEOUT') {
    super(code)
    this.code = code
  }
}
