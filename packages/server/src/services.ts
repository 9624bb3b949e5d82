import { CoatcheckError, defaults, KeyError, OptionError, presets, type Store, StoreTimeoutError } from 'coatcheck'
import { intercept } from 'coatcheck/stores/intercept'
import { type Accounts, makeAccounts } from './accounts/accounts.ts'
import { makeAttempts } from './accounts/attempts.ts'
import { type Codes, makeCodes } from './accounts/codes.ts'
import { type Database, openDatabase } from './accounts/database.ts'
import { LONGEST_START } from './accounts/faults.ts'
import { makeKnownBrowsers } from './accounts/known-browsers.ts'
import { type KeepBefore, migrate } from './accounts/migrations.ts'
import { makePasswords } from './accounts/passwords.ts'
import { makeSentForms } from './accounts/sent-forms.ts'
import { startSweeping } from './accounts/sweeping.ts'
import { makeAudit } from './audit/audit.ts'
import { type Happening, happeningOf } from './audit/happenings.ts'
import { makeBackground } from './background.ts'
import { keepBeforeMigrating } from './backup/before-migrating.ts'
import { refuseWhileRestoring } from './backup/restoring.ts'
import { type Config, ConfigError } from './config.ts'
import { type DataFolder, databaseOf, MEND_KEYS, openDataFolder, readKeyFile } from './data-folder.ts'
import { databaseTrouble } from './database-trouble.ts'
import { makeEndingNotices } from './ending-notices.ts'
import type { Services } from './environment.ts'
import { joinKeys, type KeyAgreement, soleKeys, tellingOthers } from './keys/agreeing.ts'
import { followKeys } from './keys/following.ts'
import { makeKeyKeeper } from './keys/keeping.ts'
import type { KeyWatch } from './keys/watching.ts'
import { logStream, makeLog, makeTelling, noticeOutage, type Telling } from './log.ts'
import { type Figures, makeFigures } from './measuring/figures.ts'
import { listenForMetrics, type MetricsListener } from './measuring/listener.ts'
import { makeMeasures, statsOf } from './measuring/measures.ts'
import type { ServerSessions } from './session-data.ts'
import { openStore } from './session-store/opening.ts'
import { redisTrouble } from './session-store/redis-trouble.ts'
import { absoluteOf, makeSessions } from './sessions.ts'

/** How long a stop waits for what nobody else waits for, such as mails, in milliseconds. */
const LONGEST_STOP = 5_000

export interface OpenServices {
  readonly services: Services
  /** Call it when no request is under way any more. */
  readonly close: () => Promise<void>
}

/**
 * Opens the data, and what the routes work with on it; what has expired is swept about every `sweepEvery` milliseconds.
 * `isClaiming`: also where other servers of the sessions have other keys, because these are about to be claimed.
 * @throws ConfigError where the data cannot be used
 */
export async function openServices(config: Config, sweepEvery = 60_000, isClaiming = false): Promise<OpenServices> {
  const folder = await openDataFolder(config.data, databaseOf(config))
  const opened = await openStore(config, folder.database)
  const passwords = makePasswords(config.workers)
  let figures: Figures | null = null
  const measures = makeMeasures(opened.system, (seconds) => figures?.storeCall(seconds))
  const store = intercept(opened.store, ({ method }, proceed) => measures.call(method, proceed))
  const stats = statsOf(store) ?? (async () => ({}))
  const log = makeLog(config.logLevel, await logStream())
  const telling = makeTelling(log)
  const sessions = sessionsOf(store, folder, config, telling.warn)
  const knownBrowsers = makeKnownBrowsers(folder.keys)
  const background = makeBackground(log)
  const mail =
    config.smtp === null ? null : (await import('./mail/mail.ts')).makeMail({ url: config.smtp, from: config.mailFrom })
  sessions.on(telling.event)
  sessions.on(measures.event)
  try {
    const db = await openDatabase(folder.database)
    const accounts = makeAccounts(db)
    let agreement: KeyAgreement = soleKeys
    const keys = tellingOthers(makeKeyKeeper(db, folder.keyFile, absoluteOf(config)), async () =>
      agreement.follow(await readKeyFile(folder.keyFile)),
    )
    const [codes, attempts, sentForms] = [makeCodes(db), makeAttempts(db), makeSentForms(db)]
    const trouble = (what: string) => (error: unknown) => {
      if (error instanceof Error && !noticeOutage(log, error)) log.fault('writing', what, error)
    }
    const told = (happening: Happening) => figures?.happened(happening)
    const audit = makeAudit(db, config.auditDays, trouble('audit'), told)
    sessions.on((event) => {
      const happening = happeningOf(event)
      if (happening !== null) audit.record(happening)
    })
    let metrics: MetricsListener | null = null
    let stopSweeping: () => Promise<void> = async () => undefined
    let keyWatch: KeyWatch | null = null
    let stopNotices: () => void = () => undefined
    const close = async () => {
      stopNotices()
      await keyWatch?.close()
      await agreement.close()
      await background.settled(LONGEST_STOP)
      await stopSweeping()
      await metrics?.close()
      await audit.close()
      await figures?.close()
      await sessions.close()
      opened.disconnect()
      await db.destroy()
    }
    try {
      await refuseWhileRestoring(folder.database)
      await ready(db, accounts, codes, sessions, (old) => keepBeforeMigrating(folder.database, old, log))
      if (isApart(config)) agreement = await joinKeys(store, folder, log, isClaiming)
      keyWatch = await followKeys(folder, { agreement, background, keys, knownBrowsers, log, sessions })
    } catch (error) {
      await close()
      throw error
    }
    // They ask the store at once, which brings old tables up to date: not before a copy was kept.
    const endings = makeEndingNotices(sessions)
    stopNotices = endings.close
    figures = makeFigures(db, stats, trouble('figures'))
    sessions.startSweeping(`${sweepEvery}ms`)
    stopSweeping = startSweeping({ codes, attempts, audit, figures, sentForms, log }, sweepEvery)
    if (config.metrics !== null) metrics = await listenForMetrics(config.metrics, () => measures.text(statsOf(store)))
    const lifecycle = { isStopping: false, isReplaced: false }
    const services = {
      config,
      sessions,
      passwords,
      accounts,
      keys,
      agreement,
      codes,
      attempts,
      sentForms,
      knownBrowsers,
      mail,
      background,
      endings,
      audit,
      measures,
      figures,
      stats,
      log,
      lifecycle,
    }
    return { services, close }
  } catch (error) {
    opened.disconnect()
    // What the library throws is the store's.
    if (config.store !== null && error instanceof CoatcheckError) throw redisTrouble(config.store, error)
    throw await databaseTrouble(folder.database, error)
  }
}

/** Whether servers of other data folders, with key files of their own, may use the same sessions. */
const isApart = ({ store, accountsFile }: Config) => store !== null || accountsFile !== null

function sessionsOf(
  store: Store,
  { keys, keyFile }: DataFolder,
  config: Config,
  warn: Telling['warn'],
): ServerSessions {
  try {
    return makeSessions(store, keys, config, warn)
  } catch (error) {
    if (error instanceof OptionError) throw atOdds(error, config)
    if (!(error instanceof KeyError)) throw error
    throw new ConfigError(`The key file ${keyFile} cannot be used. ${error.message} Or ${MEND_KEYS}`, { cause: error })
  }
}

/** What the library says of its options, in the words of the settings. */
function atOdds(error: OptionError, config: Config): ConfigError {
  if (error.option === 'policy.idle') return idleTooLong(error, config)
  const names: Readonly<Record<string, string>> = {
    'policy.absolute': 'COATCHECK_ABSOLUTE',
    'policy.preset': 'COATCHECK_POLICY',
    origin: 'COATCHECK_ORIGIN',
  }
  const name = names[error.option] ?? (error.option.startsWith('trustProxy') ? 'COATCHECK_TRUST_PROXY' : error.option)
  return new ConfigError(`${name} cannot be used. ${error.message}`, { cause: error })
}

/** The one fault of it that the settings let through: it is longer than the other, whichever way that came to be. */
function idleTooLong(cause: OptionError, { timeouts: { absolute, preset } }: Config): ConfigError {
  const { absolute: usual } = preset === null ? defaults.policy : presets[preset]
  const origin = absolute !== null ? '' : preset === null ? ' by default' : ` by COATCHECK_POLICY=${preset}`
  return new ConfigError(
    `COATCHECK_IDLE cannot be used: set it to at most ${absolute ?? usual}, which COATCHECK_ABSOLUTE is${origin}, or set COATCHECK_ABSOLUTE to more.`,
    { cause },
  )
}

/** Brings the tables up to date, and asks both for something, since a server that is ready has to be able to answer. */
async function ready(
  db: Database,
  accounts: Accounts,
  codes: Codes,
  sessions: ServerSessions,
  keep: KeepBefore,
): Promise<void> {
  await migrate(db, keep)
  await accounts.ping()
  // A write: a file that can be read alone would be found out by the first visitor.
  await codes.sweep()
  const end = performance.now() + LONGEST_START
  for (;;) {
    try {
      await sessions.begin('nobody')
      return
    } catch (error) {
      // Other servers that start are making the same tables.
      if (!(error instanceof StoreTimeoutError) || performance.now() >= end) throw error
    }
  }
}
