import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { root } from './service.mjs'

// What comes out of a context of its own has that context's prototypes.
export const equal = (actual, expected) => assert.deepEqual(JSON.parse(JSON.stringify(actual)), expected)

export async function failsWith(promise, expected) {
  const error = await promise.then(
    (result) => assert.fail(`${expected.operation} succeeded: ${JSON.stringify(result)}`),
    (error) => error,
  )
  assert.equal(error.name, 'PassportError', String(error.stack))
  assert.ok(error.message.length > 0 && error.msg === error.message)
  for (const [name, value] of Object.entries(expected)) assert.equal(error[name], value, `${name} of ${error}`)
  return error
}

/** `passport` as it is, and the operations that were called on it. */
export function watched(passport) {
  const called = new Set()
  const watch = (api) =>
    new Proxy(api, {
      get(target, name) {
        called.add(name)
        return target[name]
      },
    })
  return { passport: { ...passport, applet: watch(passport.applet), mall: watch(passport.mall) }, called }
}

export const operationsOf = (dialect) => {
  const { paths } = JSON.parse(readFileSync(join(root, `openapi/${dialect}.json`), 'utf8'))
  return Object.values(paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId)).sort()
}
