import { PassportError } from './error.js'
import type { CallOptions, Operation, Parameters } from './operation.js'
import { type HttpAnswer, type HttpRequest, type Transport, TransportFailure } from './transport.js'

const WORDS = {
  NETWORK: '网络不可用,请检查网络后再试',
  TIMEOUT: '请求超时,请稍后再试',
  BAD_ANSWER: '服务暂时不可用,请稍后再试',
}

/** Makes requests of operations, and results or errors of envelopes. */
export class HttpClient {
  constructor(
    private readonly transport: Transport,
    private readonly baseUrl: string,
    /** Milliseconds. */
    readonly timeout: number,
  ) {}

  async send<T>(operation: Operation, parameters: Parameters, options: CallOptions = {}): Promise<T> {
    let answer: HttpAnswer
    try {
      answer = await this.transport(this.request(operation, parameters, options))
    } catch (error) {
      const code = error instanceof TransportFailure && error.code === 'TIMEOUT' ? 'TIMEOUT' : 'NETWORK'
      throw new PassportError(operation.id, code, WORDS[code])
    }
    return result(operation, answer)
  }

  private request(operation: Operation, parameters: Parameters, options: CallOptions): HttpRequest {
    const query: string[] = []
    const body: Record<string, unknown> = {}
    const headers: Record<string, string> = { Accept: 'application/json' }
    for (const name of Object.keys(parameters)) {
      const value = parameters[name]
      if (value === undefined) continue
      if (operation.headers.indexOf(name) >= 0) headers[name] = String(value)
      // A token in a URL ends up in the logs of proxies.
      else if (name === operation.token && operation.method === 'GET') headers['Authorization'] = `Bearer ${value}`
      else if (operation.query.indexOf(name) >= 0) query.push(`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
      else body[name] = value
    }
    const isPost = operation.method === 'POST'
    if (isPost) headers['Content-Type'] = 'application/json'
    return {
      method: operation.method,
      url: this.baseUrl + operation.path + (query.length > 0 ? `?${query.join('&')}` : ''),
      headers,
      body: isPost ? JSON.stringify(body) : undefined,
      timeout: options.timeout === undefined ? this.timeout : options.timeout,
    }
  }
}

function result<T>(operation: Operation, answer: HttpAnswer): T {
  const envelope = parsed(answer.body)
  const code = envelope['code']
  const words = envelope[operation.message]
  if ((typeof code !== 'number' && typeof code !== 'string') || typeof words !== 'string') {
    throw new PassportError(operation.id, 'BAD_ANSWER', WORDS.BAD_ANSWER, answer.status, retryAfter(answer))
  }
  if (code !== operation.success) {
    throw new PassportError(operation.id, code, words, answer.status, retryAfter(answer))
  }
  return envelope[operation.result] as T
}

function parsed(body: unknown): Record<string, unknown> {
  let value = body
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value)
    } catch {
      value = undefined
    }
  }
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** Platforms write the names of headers in different cases. */
function retryAfter(answer: HttpAnswer): number | undefined {
  const name = Object.keys(answer.headers).find((name) => name.toLowerCase() === 'retry-after')
  const seconds = name === undefined ? NaN : Number(answer.headers[name])
  return seconds >= 0 ? seconds : undefined
}
