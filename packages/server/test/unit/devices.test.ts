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
    ['', 'Unknown device'],
    [null, 'Unknown device'],
    ['\u0000\uffff<>', 'Unknown browser'],
  ])('%j is %s', (userAgent, name) => {
    expect(deviceName(userAgent)).toBe(name)
  })
})
