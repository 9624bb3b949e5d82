import { BARRED_FOR } from '../record-value.ts'
import { ALSO_WHEN_FULL, REMOVAL, whole } from './steps.ts'

/** The members of a user's sorted set that are no session: the user epoch, and what each admission by a limit raises. */
const EPOCH = '\\30e'
const ADMISSIONS = '\\30a'

const USER = `${REMOVAL}
local function everyone() return tonumber(redis.call('GET',KEYS[2]) or 0) end
local function epoch() return tonumber(redis.call('ZSCORE',KEYS[1],'${EPOCH}') or 0)+everyone() end
local function admissions() return tonumber(redis.call('ZSCORE',KEYS[1],'${ADMISSIONS}') or 0) end
local function now() local t=redis.call('TIME') return t[1]*1000+math.floor(t[2]/1000) end
local function ids()
  local all=redis.call('ZREVRANGE',KEYS[1],0,-1)
  local found={}
  for i=1,#all do if string.byte(all[i])~=30 then found[#found+1]=all[i] end end
  return found
end
`

export const userScripts = {
  /** KEYS: user, everyone's epoch. Answers the user epoch. */
  epoch: `${USER}
return {${whole('epoch()')}}`,

  /**
   * KEYS: user. Answers how often a limit admitted, then of each session its id, and '1' where it was entered so long ago that
   * its record, if it is not there, will not come any more.
   */
  sessions: `${USER}
local all=redis.call('ZREVRANGE',KEYS[1],0,-1,'WITHSCORES')
local found={${whole('admissions()')}}
local long=now()-${BARRED_FOR}
for i=1,#all,2 do
  if string.byte(all[i])~=30 then
    found[#found+1]=all[i]
    found[#found+1]=tonumber(all[i+1])<long and '1' or ''
  end
end
return found`,

  /** Takes out what is still as old as it was when it was looked at. KEYS: user. ARGV: ids. */
  forget: `${USER}
local long=now()-${BARRED_FOR}
for i=1,#ARGV do
  local entered=redis.call('ZSCORE',KEYS[1],ARGV[i])
  if entered and tonumber(entered)<long then redis.call('ZREM',KEYS[1],ARGV[i]) end
end
return {'forgotten'}`,

  /**
   * Enters a session that is about to be created, so that no ending of the user can miss it. KEYS: user, everyone's epoch. ARGV: user
   * epoch to hold or '', id or '', until when the set is needed, how often a limit had admitted or ''.
   */
  admit: `${USER}
if ARGV[1]~='' and epoch()~=tonumber(ARGV[1]) then return {'user-changed'} end
if ARGV[4]~='' then
  if admissions()~=tonumber(ARGV[4]) then return {'moved'} end
  redis.call('ZINCRBY',KEYS[1],1,'${ADMISSIONS}')
end
if ARGV[2]~='' then redis.call('ZADD',KEYS[1],string.format('%.0f',now()),ARGV[2]) end
keepUntil(KEYS[1],tonumber(ARGV[3]))
return {'admitted',${whole('everyone()')},${whole("redis.call('ZCARD',KEYS[1])")}}`,

  /** Raises the user epoch. KEYS: user, everyone's epoch. ARGV: until when the set is needed. Answers the epoch, then the ids of open sessions. */
  raise: `${ALSO_WHEN_FULL}${USER}
redis.call('ZINCRBY',KEYS[1],1,'${EPOCH}')
keepUntil(KEYS[1],tonumber(ARGV[1]))
local found=ids()
table.insert(found,1,${whole('epoch()')})
return found`,

  /** KEYS: user, everyone's epoch. ARGV: what the user epoch is to be at least, until when the set is needed. */
  raiseTo: `${ALSO_WHEN_FULL}${USER}
local missing=tonumber(ARGV[1])-epoch()
if missing>0 then
  redis.call('ZINCRBY',KEYS[1],${whole('missing')},'${EPOCH}')
  keepUntil(KEYS[1],tonumber(ARGV[2]))
end
return {'raised'}`,

  /** KEYS: the first bucket's epoch of everyone. ARGV: now. Raises it to now, or by one where it is there already; answers it. */
  nextEveryone: `${ALSO_WHEN_FULL}
local before=tonumber(redis.call('GET',KEYS[1]) or 0)
local epoch=string.format('%.0f',math.max(before+1,tonumber(ARGV[1])))
redis.call('SET',KEYS[1],epoch)
return {epoch}`,

  /** KEYS: everyone's epoch. ARGV: what it is to be at least. */
  raiseEveryone: `${ALSO_WHEN_FULL}
local now=tonumber(redis.call('GET',KEYS[1]) or 0)
if now<tonumber(ARGV[1]) then redis.call('SET',KEYS[1],ARGV[1]) end
return {'raised'}`,
} as const
