import { BARRED_FOR } from '../record-value.ts'
import { ALSO_WHEN_FULL, EVERYONE, REMOVAL, whole } from './steps.ts'

/** The members of a user's sorted set that are no session: the two epochs, and what each admission by a limit raises. */
const EPOCH = '\\30e'
const END_EPOCH = '\\30n'
const ADMISSIONS = '\\30a'

const USER = `${REMOVAL}${EVERYONE}
local function everyone() local all=bucket(KEYS[2]) return all end
local function own(member) return tonumber(redis.call('ZSCORE',KEYS[1],member) or 0) end
local function epoch() return math.max(own('${EPOCH}'),everyone()) end
local function endEpoch() return math.max(own('${END_EPOCH}'),everyone()) end
local function setEpochs(first,second)
  redis.call('ZADD',KEYS[1],string.format('%.0f',first),'${EPOCH}',string.format('%.0f',second),'${END_EPOCH}')
  local all,highest=bucket(KEYS[2])
  setBucket(KEYS[2],all,math.max(highest,first,second))
end
local function admissions() return own('${ADMISSIONS}') end
local function now() local t=redis.call('TIME') return t[1]*1000+math.floor(t[2]/1000) end
local function ids()
  local all=redis.call('ZREVRANGE',KEYS[1],0,-1)
  local found={}
  for i=1,#all do if string.byte(all[i])~=30 then found[#found+1]=all[i] end end
  return found
end
`

export const userScripts = {
  /** KEYS: user, everyone's epoch. Answers the user's epoch and end epoch. */
  epoch: `${USER}
return {${whole('epoch()')},${whole('endEpoch()')}}`,

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
if ARGV[1]~='' and epoch()>tonumber(ARGV[1]) then return {'user-changed'} end
if ARGV[4]~='' then
  if admissions()~=tonumber(ARGV[4]) then return {'moved'} end
  redis.call('ZINCRBY',KEYS[1],1,'${ADMISSIONS}')
end
if ARGV[2]~='' then redis.call('ZADD',KEYS[1],string.format('%.0f',now()),ARGV[2]) end
keepUntil(KEYS[1],tonumber(ARGV[3]))
return {'admitted',${whole('everyone()')},${whole("redis.call('ZCARD',KEYS[1])")}}`,

  /**
   * Raises the user's epoch. Where the set is gone, so is the user's last number: the bucket's highest is not below it, and the new
   * one goes above that, be it at the same time. KEYS: user, everyone's epoch. ARGV: until when the set is needed, the time of the change, '1' to
   * raise the end epoch as well or ''. Answers the epoch, then the ids of open sessions.
   */
  raise: `${ALSO_WHEN_FULL}${USER}
local raised=math.max(epoch()+1,tonumber(ARGV[2]))
if not redis.call('ZSCORE',KEYS[1],'${EPOCH}') then
  local all,highest=bucket(KEYS[2])
  raised=math.max(raised,highest+1)
end
local ended=endEpoch()
if ARGV[3]~='' then ended=raised end
setEpochs(raised,ended)
keepUntil(KEYS[1],tonumber(ARGV[1]))
local found=ids()
table.insert(found,1,${whole('raised')})
return found`,

  /**
   * KEYS: user, everyone's epoch. ARGV: what the epoch and the end epoch are to be at least, until when the set is needed, '1'
   * where that also holds for numbers that are as high already or ''.
   */
  raiseTo: `${ALSO_WHEN_FULL}${USER}
local first,second=tonumber(ARGV[1]),tonumber(ARGV[2])
if first>epoch() or second>endEpoch() then
  setEpochs(math.max(first,epoch()),math.max(second,endEpoch()))
  keepUntil(KEYS[1],tonumber(ARGV[3]))
elseif ARGV[4]~='' then keepUntil(KEYS[1],tonumber(ARGV[3])) end
return {'raised'}`,

  /** KEYS: everyone's epoch. Answers the highest number that anybody of the bucket has. */
  highest: `${EVERYONE}
local all,highest=bucket(KEYS[1])
return {${whole('math.max(all,highest)')}}`,

  /**
   * KEYS: the first bucket's epoch of everyone. ARGV: what it is to be at least. Raises it above all numbers of
   * the bucket; answers it.
   */
  nextEveryone: `${ALSO_WHEN_FULL}${EVERYONE}
local all,highest=bucket(KEYS[1])
local raised=math.max(all+1,highest+1,tonumber(ARGV[1]))
setBucket(KEYS[1],raised,highest)
return {${whole('raised')}}`,

  /** KEYS: everyone's epoch. ARGV: what it is to be at least, '1' to be above all of the bucket's users or ''. Answers it. */
  raiseEveryone: `${ALSO_WHEN_FULL}${EVERYONE}
local all,highest=bucket(KEYS[1])
local raised=math.max(all,tonumber(ARGV[1]))
if ARGV[2]~='' then raised=math.max(raised,highest+1) end
if raised>all then setBucket(KEYS[1],raised,highest) end
return {${whole('raised')}}`,
} as const
