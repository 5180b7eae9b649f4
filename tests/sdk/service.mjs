// The built service and its sandbox, as `cargo xtask test` starts them.

import { createRequire } from 'node:module'
import http from 'node:http'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..')
export const sdk = join(root, 'openapi/sdk')
export const packages = createRequire(join(resolve(process.env.NODE_PACKAGES), 'tests.cjs'))

const { SERVICE, SANDBOX, SHORT_SERVICE, SHORT_SANDBOX } = process.env

/** With the settings that the service comes with. */
export const service = { url: SERVICE, sandbox: sandboxAt(SANDBOX) }

/** Its tokens end after 2 seconds, and its failures arrive with HTTP 200. */
export const shortLived = { url: SHORT_SERVICE, sandbox: sandboxAt(SHORT_SANDBOX) }

let numbers = Math.floor(Math.random() * 1e8)

function sandboxAt(url) {
  const post = async (path, fields) => {
    const answer = await fetch(url + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(fields) })
    return (await answer.json()).code
  }
  return {
    loginCode: (fields = {}) => post('/codes/login', fields),
    phoneCode: (fields = {}) => post('/codes/phone', fields),
    oauthCode: (fields = {}) => post('/codes/oauth', fields),
    /** The newest code that was sent to the number. */
    smsCode: async (mobile) => (await (await fetch(`${url}/sms?mobile=${mobile}`)).json())[0].code,
    /** A number that nobody has used yet. */
    phoneNumber: async () => `139${String(numbers++ % 1e8).padStart(8, '0')}`,
    openid: async () => `openid_${numbers++}`,
    heal: () => fetch(`${url}/faults`, { method: 'DELETE' }),
    fault: (fault) => fetch(`${url}/faults`, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(fault) }),
  }
}

/**
 * Stands between a client and a service. `answer(call, forward)` decides what becomes of each call: it may call
 * `forward()`, which gives the service's answer, wait, and give an answer or null, which cuts the connection.
 */
export async function between(target, answer = (_, forward) => forward()) {
  const calls = []
  const server = http.createServer(async (request, response) => {
    const body = await bytes(request)
    const path = request.url.split('?')[0]
    const call = { method: request.method, path, name: path.split('/').pop(), headers: request.headers, body: body.length > 0 ? JSON.parse(body) : {} }
    calls.push(call)
    const forward = () => passOn(target, request, body)
    const result = await (proxy.answer ?? answer)(call, forward)
    if (result === null) return request.socket.destroy()
    response.writeHead(result.status, result.headers)
    response.end(result.body)
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const proxy = {
    url: `http://127.0.0.1:${server.address().port}`,
    calls,
    answer,
    count: (name) => calls.filter((call) => call.name === name).length,
    close: () => {
      server.closeAllConnections()
      return new Promise((done) => server.close(done))
    },
  }
  return proxy
}

async function passOn(target, request, body) {
  const { host: _, connection: __, ...headers } = request.headers
  return new Promise((done, failed) => {
    const onward = http.request(target + request.url, { method: request.method, headers }, async (answer) => {
      const { connection: _, 'transfer-encoding': __, ...headers } = answer.headers
      done({ status: answer.statusCode, headers, body: await bytes(answer) })
    })
    onward.on('error', failed)
    onward.end(body)
  })
}

async function bytes(stream) {
  const parts = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}

/** A promise, and the function that fulfils it. */
export function signal() {
  let give
  const given = new Promise((done) => {
    give = done
  })
  return { given, give }
}
