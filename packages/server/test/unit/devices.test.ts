import { describe, expect, it } from 'vitest'
import { deviceName } from '../../src/devices.ts'

describe('deviceName', () => {
  it.each([
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0', 'Firefox on Windows'],
    [
      'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36',
      'Chrome on Android',
    ],
    ['curl/8.5.0', 'curl'],
    ['Go-http-client/1.1', 'Go-http-client'],
    ['Ihr Konto ist gesperrt. Rufen Sie 0900/1 (z)', 'Unknown browser'],
    ['x;=cmd|calc;/1 (y)', 'Unknown browser'],
    ['Your-account-is-locked/1.0', 'Unknown browser'],
    ['Mozilla/5.0 (X11; Linux x86_64) Call 0900 123/1', 'Unknown browser on Linux'],
    ['Mozilla/5.0 (PlayStation 4 9.00) AppleWebKit/605.1.15 (KHTML, like Gecko)', 'PlayStation 4 on PlayStation 4'],
    ['', 'Unknown device'],
    [null, 'Unknown device'],
    ['\u0000\uffff<>', 'Unknown browser'],
  ])('%j is %s', (userAgent, name) => {
    expect(deviceName(userAgent)).toBe(name)
  })
})
