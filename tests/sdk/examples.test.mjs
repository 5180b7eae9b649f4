// The examples of the documentation, run as they are against the service.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { packages, sdk, service } from './service.mjs'
import { makeWx, runModule } from './wx.mjs'

const bundle = join(sdk, 'miniprogram/miniprogram_dist/index.js')

/** What the example at `file` exports, with `globals` and the service's address. */
function example(file, globals) {
  const { code } = packages('esbuild').transformSync(readFileSync(join(sdk, 'examples', file), 'utf8'), { loader: file.endsWith('ts') ? 'ts' : 'js', format: 'cjs', target: 'es2017' })
  const require = () => runModule(readFileSync(bundle, 'utf8'), globals, bundle)
  return runModule(code.replace('http://127.0.0.1:8080', service.url), { ...globals, require }, file)
}

test('the mini program greets who logs in', async () => {
  const { wx } = makeWx(service.sandbox)
  const said = []

  await example('mini-program.js', { wx, console: { log: (text) => said.push(text) } }).start()

  assert.match(said[0], /^你好,微信用户\d{8}$/)
  assert.equal(said[1], '还没有绑定手机号')
})

test('uni-app enters the mall, and shows the service\'s words when it cannot', async () => {
  const { wx: uni } = makeWx(service.sandbox)
  const { start } = example('uni-app.ts', { uni })

  assert.match(await start(), /^微信用户\d{8}$/)

  uni.login = ({ success }) => success({ code: 'nobody' })
  assert.equal(await start(), '授权失败: code无效,请重新授权')
})
