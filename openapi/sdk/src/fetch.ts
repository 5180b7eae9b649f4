import { memoryStorage, type Storage } from './storage.js'
import { type Transport, TransportFailure } from './transport.js'

/** Sends with `send`; the timeout covers the body of the answer too. */
export function fetchTransport(send: typeof fetch): Transport {
  return async ({ method, url, headers, body, timeout }) => {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), timeout)
    try {
      const answer = await send(url, { method, headers, signal: abort.signal, ...(body === undefined ? {} : { body }) })
      const answered: Record<string, string> = {}
      answer.headers.forEach((value, name) => {
        answered[name] = value
      })
      return { status: answer.status, headers: answered, body: await answer.text() }
    } catch {
      throw new TransportFailure(abort.signal.aborted ? 'TIMEOUT' : 'NETWORK')
    } finally {
      clearTimeout(timer)
    }
  }
}

/** 保存在浏览器的localStorage里;浏览器不允许时,以及在Node里,保存在内存里。 */
export function browserStorage(): Storage {
  try {
    const storage = typeof window === 'undefined' ? null : window.localStorage
    if (storage !== null) {
      return {
        get: (key) => storage.getItem(key),
        set: (key, value) => storage.setItem(key, value),
        remove: (key) => storage.removeItem(key),
      }
    }
  } catch {
    // A browser that keeps nothing for this page throws at the mere look.
  }
  return memoryStorage()
}
