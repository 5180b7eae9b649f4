/** What the document says about an operation. */
export interface Operation {
  readonly id: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** The parameters that go into the query; what is in neither list goes into the body. */
  readonly query: readonly string[]
  readonly headers: readonly string[]
  /** The parameter that is the token of a session. */
  readonly token: string | undefined
  /** The code of a success. */
  readonly success: number
  /** Where the envelope has the result, and where the words. */
  readonly result: 'result' | 'data'
  readonly message: 'message' | 'msg'
}

export interface CallOptions {
  /** 毫秒;默认是客户端的timeout。 */
  timeout?: number
}

export type Call = <T>(operation: Operation, parameters: object, options?: CallOptions) => Promise<T>

export type Parameters = Readonly<Record<string, unknown>>
