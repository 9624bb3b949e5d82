import { runtime } from '#runtime'
import { pause } from '../pausing.ts'
import type { Send } from './clients.ts'
import { replyCode } from './faults.ts'
import type { Keys } from './keys.ts'
import { ALSO_WHEN_FULL } from './scripts/steps.ts'
import type { Ear, Machine, Subscription } from './subscribing.ts'
import { LONGEST, within } from './waiting.ts'

/** Redis's own events after which a key is no longer there. UNLINK is `del` too, and so is a key that moves with its slot. */
const EVENTS = ['del', 'expired', 'evicted', 'rename_from', 'move_from']
/** What `notify-keyspace-events` has to have for them, beside what is set already. */
const FLAGS = 'Egxe'
const SETTING = 'notify-keyspace-events'
/** Milliseconds that a witness stays where nobody renews it. */
const WITNESS_KEPT = '60000'
/** Milliseconds after which the setting is looked into; where it was right, and Redis only slow, nothing changes by that. */
const IMPATIENT = 250

/** Scripts that are run so seldom that they are sent each time. KEYS: the key. ARGV: for how long, in milliseconds. */
const PUT = `${ALSO_WHEN_FULL}redis.call('SET',KEYS[1],'','PX',ARGV[1])`
const PUT_AND_REMOVE = `${ALSO_WHEN_FULL}redis.call('SET',KEYS[1],'')
redis.call('DEL',KEYS[1])`

/** What one machine publishes of keys that are removed. */
export interface KeyEvents extends Subscription {
  /** False where this Redis does not publish it, and may not be set to. */
  readonly arePublished: boolean
  /** Whether a removal is still heard of; somebody may have set Redis otherwise. */
  readonly areHeard: () => Promise<boolean>
  /** Whether nobody has emptied the machine, of which it publishes nothing: what was put there at the beginning still stands. */
  readonly isIntact: () => Promise<boolean>
}

/** Sets the machine to publish it, where it does not yet. */
export async function hearKeyEvents({ subscribe, send }: Machine, keys: Keys, ear: Ear): Promise<KeyEvents> {
  let probe = { key: '', heard: (): void => undefined }
  const heard = (key: string) => {
    if (key === probe.key) probe.heard()
    else ear.heard(key)
  }
  const probes = keys.probes(runtime.random(9))
  const witnesses = keys.probes(runtime.random(9))
  /** One that lies on this machine, if there is any. */
  let bucket = 0
  let hasBuckets = true

  async function areHeard(patience = LONGEST): Promise<boolean> {
    for (let tried = 0; tried < probes.length; tried++) {
      const key = probes[bucket] ?? ''
      const isHeard = new Promise<true>((resolve) => {
        probe = { key, heard: () => resolve(true) }
      })
      if (await putAndRemove(send, key)) {
        hasBuckets = true
        return await Promise.race([isHeard, pause(patience, false).then(() => false)])
      }
      bucket = (bucket + 1) % probes.length
    }
    // Where none of our buckets lies no key of ours can be removed.
    hasBuckets = false
    return true
  }

  const witness = () => witnesses[bucket] ?? ''

  async function stands(): Promise<boolean> {
    return !hasBuckets || (await within(send('GET', witness()))) !== null
  }

  /** One that is gone is not put there again: it is what says that all is. */
  async function renew(): Promise<boolean> {
    return !hasBuckets || String(await within(send('PEXPIRE', witness(), WITNESS_KEPT))) === '1'
  }

  const { caughtUp, close } = await orClosed(subscribe(await channelsOf(send), { heard, lost: ear.lost }))
  try {
    const arePublished = (await areHeard(IMPATIENT)) || ((await setToPublish(send)) && (await areHeard()))
    if (arePublished && hasBuckets) await within(send('EVAL', PUT, '1', witness(), WITNESS_KEPT))
    return {
      arePublished,
      caughtUp: () => within(caughtUp()),
      isIntact: stands,
      areHeard: async () => (await renew()) && (await areHeard()),
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

/** False where the key lies on another machine. */
async function putAndRemove(send: Send, key: string): Promise<boolean> {
  try {
    await within(send('EVAL', PUT_AND_REMOVE, '1', key))
    return true
  } catch (error) {
    if (['MOVED', 'ASK'].includes(replyCode(error) ?? '')) return false
    throw error
  }
}

/** One that is too late is closed when it comes. */
async function orClosed(subscribing: Promise<Subscription>): Promise<Subscription> {
  try {
    return await within(subscribing)
  } catch (error) {
    subscribing.then(({ close }) => close()).catch(() => undefined)
    throw error
  }
}

async function channelsOf(send: Send): Promise<readonly string[]> {
  const [, database = '0'] = / db=(\d+) /.exec(String(await within(send('CLIENT', 'INFO')))) ?? []
  return EVENTS.map((event) => `__keyevent@${database}__:${event}`)
}

/** False where the client's user may not, or a provider has taken the command away. */
async function setToPublish(send: Send): Promise<boolean> {
  try {
    const present = settingIn(await within(send('CONFIG', 'GET', SETTING)))
    await within(send('CONFIG', 'SET', SETTING, `${present}${FLAGS}`))
    return true
  } catch (error) {
    if (['NOPERM', 'ERR'].includes(replyCode(error) ?? '')) return false
    throw error
  }
}

/** A pair in a list; with the third version of the protocol a map. */
function settingIn(reply: unknown): string {
  const value: unknown = Array.isArray(reply) ? reply[1] : Reflect.get(Object(reply), SETTING)
  return typeof value === 'string' ? value : ''
}
