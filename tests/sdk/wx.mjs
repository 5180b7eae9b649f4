// A `wx` that does real HTTP, and contexts that have nothing else.

import http from 'node:http'
import vm from 'node:vm'

/** What WeChat gives a mini program, as far as the SDK and its sample need it, with `openid` as its user. */
export function makeWx(sandbox, { openid } = {}) {
  const stored = new Map()
  const record = { logins: 0, shown: [], at: undefined }
  const wx = {
    request({ url, method, header, data, timeout, success, fail }) {
      const request = http.request(url, { method, headers: header, timeout }, async (answer) => {
        const parts = []
        for await (const part of answer) parts.push(part)
        const text = Buffer.concat(parts).toString()
        let parsed = text
        try {
          parsed = JSON.parse(text)
        } catch {
          // WeChat then gives the text.
        }
        success({ statusCode: answer.statusCode, header: answer.headers, data: parsed })
      })
      request.on('timeout', () => request.destroy(new Error('timeout')))
      request.on('error', (error) => fail({ errMsg: `request:fail ${error.message}` }))
      request.end(data)
      return {}
    },
    login({ success, fail }) {
      record.logins += 1
      sandbox.loginCode(openid ? { openid } : {}).then((code) => success({ code }), fail)
    },
    getStorageSync: (key) => stored.get(key) ?? '',
    setStorageSync: (key, value) => stored.set(key, value),
    removeStorageSync: (key) => stored.delete(key),
    showToast: ({ title }) => record.shown.push(title),
    reLaunch: ({ url }) => {
      record.at = url
    },
  }
  return { wx, record }
}

/** Runs a CommonJS module in a context whose globals are the language's and `globals`. */
export function runModule(source, globals, filename) {
  const context = vm.createContext({ ...globals })
  return vm.runInContext(`(() => { const module = { exports: {} }; ((module, exports) => {${source}\n})(module, module.exports); return module.exports })()`, context, { filename })
}
