/** What a session holds: a usual document, 307 bytes of JSON. */
export const DOCUMENT = {
  authenticated: true,
  role: 'editor',
  permissions: ['articles:read', 'articles:write', 'comments:moderate', 'media:upload'],
  lastAccessed: '2026-01-01T12:00:00.000Z',
  csrf: 'c3Vycm9nYXRlLWNzcmYtdG9rZW4tdmFsdWUtMDEyMzQ1',
  preferences: { theme: 'dark', language: 'en', timezone: 'Europe/Berlin', pageSize: 50, beta: false },
}
