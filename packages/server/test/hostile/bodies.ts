const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'
const DEEP = 8_000

/** Each field of any form or endpoint, so that whatever a route reads, it reads this. */
const NAMES = ['username', 'password', 'next', 'code', 'email', 'theme', 'language', 'role', 'current', 'token']

const inForm = (value: string) => NAMES.map((name) => `${name}=${value}`).join('&')
const inJson = (value: string) => `{${NAMES.map((name) => `"${name}":${value}`).join(',')}}`

/** A content type (null: none) and a body. */
export type HostileBody = readonly [type: string | null, body: string | Uint8Array]

export const BODIES: readonly HostileBody[] = [
  [FORM, inForm('%ff%fe%00')],
  [FORM, inForm('%E0%A4%A&=&&==&%')],
  [FORM, inForm('%ED%A0%80')],
  [FORM, inForm('/%C3%B6%E2%82%AC%F0%9F%A7%A5%0D%0AX-A:%20b')],
  [FORM, `${inForm('a')}&${inForm('b')}&__proto__=x&constructor=y&username[]=c&username[$ne]=d`],
  [FORM, inForm('x'.repeat(5_000))],
  [FORM, 'a&'.repeat(20_000)],
  [JSON_TYPE, inJson('{"$ne":null}')],
  [JSON_TYPE, inJson('[["a"],{"b":1e999}]')],
  [JSON_TYPE, inJson('"\\ud800\\u0000"')],
  [JSON_TYPE, inJson('-0')],
  [JSON_TYPE, '['.repeat(DEEP) + ']'.repeat(DEEP)],
  [JSON_TYPE, `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`],
  [JSON_TYPE, '{"__proto__":{"username":"a"},"constructor":{"prototype":{}}}'],
  [JSON_TYPE, new Uint8Array([0x22, 0xff, 0xfe, 0x00, 0x22])],
  [JSON_TYPE, ''],
  ['application/json; charset=utf-7', '{}'],
  ['multipart/form-data', 'no boundary'],
  ['multipart/form-data; boundary=', '--\r\n'],
  [
    'multipart/form-data; boundary=x',
    `--x\r\nContent-Disposition: form-data; name="username"; filename="a"\r\n\r\nf\r\n--x--`,
  ],
  ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nno end'],
  ['multipart/form-data; boundary=x', '--x\r\n'.repeat(5_000)],
  ['text/plain', '\u0000\u0001'],
  ['x/y; \u00ff="', 'z'],
  [null, new Uint8Array([0, 255, 254, 10, 13])],
  [FORM, 'x'.repeat(70_000)],
]
