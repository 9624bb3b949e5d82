import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Config, ConfigError } from '../../config.ts'
import { codeOf, type Finding, well, wrong } from './finding.ts'

const DAY = 86_400_000
const SOON = 14 * DAY
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/

/** What a setting that cannot be used says: what is wrong, and what to do. */
export function configurationFault(error: ConfigError): Finding {
  const [found = '', ...remedy] = error.message.split(': ')
  return wrong(
    'configuration',
    `${found}.`,
    remedy.join(': ') || 'See the settings in docs/reference/configuration.md.',
  )
}

/** How browsers reach the server, and whether they keep its cookies. */
export function originFindings({ host, origin, tls, trustProxy }: Config): readonly Finding[] {
  const isLocal = LOOPBACK.test(host)
  const isSecureOrigin = origin?.startsWith('https:') ?? false
  const findings: Finding[] = []
  if (origin === null && tls === null && !isLocal) {
    findings.push(
      wrong(
        'origin',
        `The server listens on ${host} by plain http: browsers elsewhere keep no cookie.`,
        `${ORIGIN} ${TLS}`,
      ),
    )
  } else {
    findings.push(well('origin', origin ?? (tls === null ? 'this machine only' : 'https of its own')))
  }
  if (isSecureOrigin && tls === null && trustProxy === null) {
    findings.push(
      wrong(
        'proxy',
        'A proxy ends TLS, and its word about addresses does not count: all visitors have one address, and share its limits.',
        'Set COATCHECK_TRUST_PROXY to the number of proxies, such as COATCHECK_TRUST_PROXY=1, or to their networks.',
      ),
    )
  } else findings.push(well('proxy', trustProxy === null ? 'none is believed' : 'named proxies are believed'))
  return findings
}

const ORIGIN = 'Behind a proxy that ends TLS, set COATCHECK_ORIGIN, as in COATCHECK_ORIGIN=https://example.org.'
const TLS = 'Without one, set COATCHECK_TLS_CERT and COATCHECK_TLS_KEY.'

/** The certificate of the server's own listener. */
export async function tlsFindings({ tls, origin }: Config, now: number): Promise<readonly Finding[]> {
  if (tls === null) return []
  const files: Buffer[] = []
  for (const [setting, path] of [
    ['COATCHECK_TLS_CERT', tls.cert],
    ['COATCHECK_TLS_KEY', tls.key],
  ] as const) {
    try {
      files.push(await readFile(path))
    } catch (error) {
      return [
        wrong(
          'tls',
          `${path} cannot be read (${codeOf(error)}).`,
          `Set ${setting} to a file in PEM that this user may read.`,
        ),
      ]
    }
  }
  const [cert = Buffer.alloc(0), key = Buffer.alloc(0)] = files
  try {
    createSecureContext({ cert, key })
  } catch {
    return [
      wrong(
        'tls',
        `${tls.cert} and ${tls.key} do not go together, or are no PEM.`,
        'Set COATCHECK_TLS_CERT and COATCHECK_TLS_KEY to a certificate and its own key.',
      ),
    ]
  }
  return [certificateFinding(new X509Certificate(cert), origin, now)]
}

function certificateFinding(certificate: X509Certificate, origin: string | null, now: number): Finding {
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)]
  const until = to.toISOString()
  if (from.getTime() > now)
    return wrong('tls', `The certificate counts from ${from.toISOString()} on.`, 'Check the clock, or get another one.')
  if (to.getTime() <= now) return wrong('tls', `The certificate has expired at ${until}.`, RENEW)
  if (to.getTime() - now < SOON) return wrong('tls', `The certificate expires at ${until}.`, RENEW)
  const name = origin === null ? null : new URL(origin).hostname
  if (name !== null && certificate.checkHost(name) === undefined && certificate.checkIP(name) === undefined) {
    return wrong(
      'tls',
      `The certificate is not for ${name}.`,
      'Get one for the host of COATCHECK_ORIGIN, or mend COATCHECK_ORIGIN.',
    )
  }
  return well('tls', `the certificate counts until ${until}`)
}

const RENEW = 'Renew it, and start the server again.'
