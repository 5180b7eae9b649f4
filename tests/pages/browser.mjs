// Chromium with a window whose requests and console messages are recorded.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

const packages = createRequire(join(resolve(process.env.NODE_PACKAGES), 'tests.cjs'))
const { chromium } = packages('playwright-core')

export const { SERVICE, SANDBOX } = process.env

/** A phone's and a desk's window. */
export const windows = [
  { name: 'narrow', viewport: { width: 390, height: 844 } },
  { name: 'wide', viewport: { width: 1280, height: 900 } },
]

/** How long anything may take to appear, in milliseconds. */
const PATIENCE = 15_000

const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name that is looked up would be a request that leaves the machine.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
]

/** Chromium refuses its own sandbox to root. */
export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM, args: ARGUMENTS, chromiumSandbox: process.getuid() !== 0 })

/** Calls `run` with a new window. No request may leave the machine, and the console must stay empty. */
export async function inWindow(browser, viewport, run) {
  const context = await browser.newContext({ viewport, permissions: ['clipboard-read', 'clipboard-write'] })
  context.setDefaultTimeout(PATIENCE)
  const [requests, complaints] = [[], []]
  context.on('request', (request) => requests.push(request.url()))
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  context.on('weberror', (error) => complaints.push(error.error().message))
  try {
    await run(await context.newPage(), context)
    assert.ok(requests.length > 0, 'the window has loaded something')
    assert.deepEqual(requests.filter((url) => !/^(http:\/\/127\.0\.0\.1:\d+\/|data:)/.test(url)), [], 'nothing leaves the machine')
    assert.deepEqual(complaints, [], 'the console is silent')
  } finally {
    await context.close()
  }
}

/** Keeps a picture of the whole page, which must fit the window's width. */
export async function picture(page, name) {
  await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), fullPage: true })
  const [whole, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  assert.ok(whole <= window, `${name} is ${whole} pixels wide in a window of ${window}`)
}

/** What is on the clipboard. */
export const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText())

let numbers = Math.floor(Math.random() * 1e8)

/** A number that nobody has used yet. */
export const phoneNumber = () => `139${String(numbers++ % 1e8).padStart(8, '0')}`
