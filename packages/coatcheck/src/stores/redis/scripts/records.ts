import { BARRED, BARRED_FOR, ENDING, FIELDS, FORMAT, KEPT_AFTER, NUMBERS } from '../record-value.ts'
import { ALSO_WHEN_FULL, APPEND, EVERYONE, REMOVAL, whole } from './steps.ts'

const { endedAt, secretHash, generation, minGeneration, version } = FIELDS
const { expiresAt, idleFor, createdAt, lastSeenAt, renewedAt, authenticatedAt } = FIELDS
const { predecessorHash, predecessorNonce, predecessorKeyId, predecessorSeenAt, userEpoch } = FIELDS
const { userId, schema, persistent, assurance, client, binding, data } = FIELDS

/** The numbers of these fields, as a table of Lua. */
function fieldsThat(is: 'whole' | 'time', optional: boolean): string {
  const fields = NUMBERS.filter((number) => number.is === is && number.optional === optional)
  return `{${fields.map(({ field }) => field).join(',')}}`
}

/** What the scripts about records have in common. */
const RECORD = `${REMOVAL}
local SEP='\\30'
local function split(v)
  local f,n={},0
  for x in string.gmatch(v..SEP,'([^\\30]*)\\30') do n=n+1 f[n]=x end
  return f
end
local function isWhole(s) return string.find(s,'^[0-9]+$') and tonumber(s)<=${Number.MAX_SAFE_INTEGER} end
local function isTime(s) return string.find(s,'^[0-9a-z]+$') and tonumber(s,36)<=${Number.MAX_SAFE_INTEGER} end
local function isSound(f)
  if f[1]~='${FORMAT}' or #f<${data - 1} then return false end
  local places=#f-${data - 1}
  if f[${endedAt}]=='' then
    if places%2~=0 then return false end
  elseif places~=3 or not isTime(f[${ENDING.keepUntil}]) then return false end
  for _,i in ipairs(${fieldsThat('whole', false)}) do if not isWhole(f[i]) then return false end end
  for _,i in ipairs(${fieldsThat('whole', true)}) do if f[i]~='' and not isWhole(f[i]) then return false end end
  for _,i in ipairs(${fieldsThat('time', false)}) do if not isTime(f[i]) then return false end end
  for _,i in ipairs(${fieldsThat('time', true)}) do if f[i]~='' and not isTime(f[i]) then return false end end
  return true
end
local function value(key)
  local v=redis.pcall('GET',key)
  if type(v)~='table' then return v end
  -- A key of another type counts as a damaged record: a value that says none.
  if string.sub(v.err,1,9)=='WRONGTYPE' then return '' end
  return error(v)
end
local function load(key)
  local v=value(key)
  if not v then return nil,nil end
  if v=='${BARRED}' then return nil,v end
  local f=split(v)
  -- A damaged record counts as none, by the same list as in the decoder of records.
  if not isSound(f) then return nil,v end
  return f,v
end
local function time(s) return tonumber(s,36) end
local function last(f) if f[${lastSeenAt}]=='' then return time(f[${createdAt}]) end return time(f[${lastSeenAt}]) end
local function deadline(f)
  local d=time(f[${expiresAt}])
  if f[${idleFor}]~='' then
    local i=last(f)+time(f[${idleFor}])
    if i<d then d=i end
  end
  return d
end
local function live(f,at) return f and f[${endedAt}]=='' and at<deadline(f) end
local function put(key,v,over)
  redis.call('SET',key,v,'PXAT',removal(over))
  return v
end
local function save(key,f,over) return put(key,table.concat(f,SEP),over) end
local function change(f,from,sets)
  local places={}
  for i=${data},#f,2 do places[f[i]]=i end
  for i=from,from+2*sets-1,2 do
    local at=places[ARGV[i]]
    if at then f[at+1]=ARGV[i+1]
    else places[ARGV[i]]=#f+1 f[#f+1]=ARGV[i] f[#f+1]=ARGV[i+1] end
  end
  if #ARGV<from+2*sets then return f end
  local gone={}
  for i=from+2*sets,#ARGV do gone[ARGV[i]]=true end
  local kept={}
  for i=1,${data - 1} do kept[i]=f[i] end
  for i=${data},#f,2 do
    if not gone[f[i]] then kept[#kept+1]=f[i] kept[#kept+1]=f[i+1] end
  end
  return kept
end
local function finish(f,at,reason,note,keep)
  local g={}
  for i=1,${data - 1} do g[i]=f[i] end
  g[${endedAt}]=at
  g[${predecessorHash}]='' g[${predecessorNonce}]='' g[${predecessorKeyId}]='' g[${predecessorSeenAt}]=''
  g[${client}]='' g[${binding}]=''
  g[${ENDING.reason}]=reason g[${ENDING.note}]=note g[${ENDING.keepUntil}]=keep
  return g
end
`

/** Counts a record in or out: `a` for the anonymous, `s` for the signed in, `e` for the ended. */
const COUNT = `
local function count(key,state,by) if key then redis.call('HINCRBY',key,state,by) end end
local function state(f)
  if f[${endedAt}]~='' then return 'e' end
  if f[${userId}]=='' then return 'a' end
  return 's'
end
local function countEnded(key,before) count(key,before,-1) count(key,'e',1) end
`

export const recordScripts = {
  /**
   * KEYS: record, everyone's epoch, counts where they are counted here. ARGV: at (base 36), hash, value, when it is over,
   * everyone's epoch at admission or ''.
   */
  create: `${RECORD}${COUNT}${EVERYONE}
local f,v=load(KEYS[1])
if v and not f then return {'barred'} end
if f then
  if f[${secretHash}]==ARGV[2] and live(f,time(ARGV[1])) then return {'created','again'} end
  return {'taken'}
end
if ARGV[5]~='' then
  local now=bucket(KEYS[2])
  if now>tonumber(ARGV[5]) then return {'behind',${whole('now')}} end
end
put(KEYS[1],ARGV[3],tonumber(ARGV[4]))
count(KEYS[3],state(split(ARGV[3])),1)
return {'created'}`,

  /**
   * Takes a record in as it is. KEYS: record, everyone's epoch, perhaps counts. ARGV: value, when it is over, '1' where it has ended or '',
   * what everyone's epoch must not be above or ''. A bar keeps off open ones.
   */
  adopt: `${RECORD}${COUNT}${EVERYONE}
local v=value(KEYS[1])
if v and not (v=='${BARRED}' and ARGV[3]~='') then return {'there'} end
if ARGV[4]~='' and bucket(KEYS[2])>tonumber(ARGV[4]) then return {'outdated'} end
put(KEYS[1],ARGV[1],tonumber(ARGV[2]))
count(KEYS[3],state(split(ARGV[1])),1)
return {'adopted'}`,

  /**
   * KEYS: record. ARGV: at, generation or '', version or '', '1' for a value to hold or '', its key, '1' where it is
   * there or '', its text; schema or '', '1' and client or '', '1' and binding or '', user epoch or '', the user of that; how
   * many to set, keys and texts, keys to remove. With a user epoch a record that is not there yet is barred, and one of another
   * user, which has got the id since, is left alone.
   */
  update: `${RECORD}
local f,v=load(KEYS[1])
local epoch=ARGV[13]
if not live(f,time(ARGV[1])) then
  if epoch~='' and not v then redis.call('SET',KEYS[1],'${BARRED}','PX',${BARRED_FOR}) end
  return {'gone'}
end
if epoch~='' and f[${userId}]~=ARGV[14] then return {'gone'} end
if ARGV[2]~='' and tonumber(f[${minGeneration}])>tonumber(ARGV[2]) then return {'replaced'} end
if ARGV[3]~='' and f[${version}]~=ARGV[3] then return {'stale'} end
if ARGV[4]~='' then
  local held=nil
  for i=${data},#f,2 do if f[i]==ARGV[5] then held=f[i+1] end end
  if (ARGV[6]=='' and held) or (ARGV[6]~='' and held~=ARGV[7]) then return {'stale'} end
end
if ARGV[8]~='' then f[${schema}]=ARGV[8] end
if ARGV[9]~='' then f[${client}]=ARGV[10] end
if ARGV[11]~='' then f[${binding}]=ARGV[12] end
if epoch~='' then f[${userEpoch}]=epoch end
f[${version}]=${whole(`tonumber(f[${version}])+1`)}
f=change(f,16,tonumber(ARGV[15]))
save(KEYS[1],f,deadline(f))
return {'updated',f[${version}]}`,

  /**
   * KEYS: record; the log's three, where they lie in the same place. ARGV: at, from, to, generation, '1' for a
   * predecessor or '', its nonce, its key's id, user epoch or '', '1' for an authentication or '', assurance, expiry, idle
   * timeout, persistence, the log's entry, until when it is kept (decimal); how many to set, keys and texts, keys to remove.
   */
  rotate: `${RECORD}${APPEND}
local f,v=load(KEYS[1])
if not f then return {'gone'} end
if not live(f,time(ARGV[1])) then return {'gone',v} end
if f[${secretHash}]==ARGV[3] and f[${generation}]==ARGV[4] then return {'rotated',v} end
if f[${secretHash}]~=ARGV[2] or tonumber(f[${generation}])+1~=tonumber(ARGV[4]) then return {'kept',v} end
if ARGV[8]~='' and f[${userEpoch}]~='' and tonumber(f[${userEpoch}])>tonumber(ARGV[8]) then return {'user-changed',v} end
f[${generation}]=ARGV[4] f[${secretHash}]=ARGV[3] f[${renewedAt}]=ARGV[1]
f[${predecessorHash}]='' f[${predecessorNonce}]='' f[${predecessorKeyId}]='' f[${predecessorSeenAt}]=''
if ARGV[5]~='' then f[${predecessorHash}]=ARGV[2] f[${predecessorNonce}]=ARGV[6] f[${predecessorKeyId}]=ARGV[7]
else f[${minGeneration}]=ARGV[4] end
if ARGV[9]~='' then
  f[${authenticatedAt}]=ARGV[1]
  if last(f)<time(ARGV[1]) then f[${lastSeenAt}]=ARGV[1] end
  f[${assurance}]=ARGV[10] f[${expiresAt}]=ARGV[11] f[${idleFor}]=ARGV[12] f[${persistent}]=ARGV[13]
  if #ARGV>16 then
    f[${version}]=${whole(`tonumber(f[${version}])+1`)}
    f=change(f,17,tonumber(ARGV[16]))
  end
end
local w=save(KEYS[1],f,deadline(f))
if KEYS[2] then append(KEYS[2],KEYS[3],KEYS[4],ARGV[14],ARGV[15]) end
return {'rotated',w}`,

  /**
   * Notes on a record that is spared that its user's epoch was raised, for an authentication that was admitted before. Neither its
   * version nor the log says so. KEYS: record. ARGV: user epoch, the user of that.
   */
  stamp: `${ALSO_WHEN_FULL}${RECORD}
local f=load(KEYS[1])
if not f or f[${endedAt}]~='' or f[${userId}]~=ARGV[2] then return {'gone'} end
if f[${userEpoch}]~='' and tonumber(f[${userEpoch}])>=tonumber(ARGV[1]) then return {'kept'} end
f[${userEpoch}]=ARGV[1]
save(KEYS[1],f,deadline(f))
return {'stamped'}`,

  /** KEYS: record. ARGV: at, interval, generation that was presented or ''. */
  touch: `${RECORD}
local f=load(KEYS[1])
local at=time(ARGV[1])
if not live(f,at) then return {'gone'} end
local before=last(f)
local moves=at>before and at-before>=tonumber(ARGV[2])
local sees=f[${predecessorHash}]~='' and f[${predecessorSeenAt}]=='' and f[${generation}]==ARGV[3]
if not moves and not sees then return {'kept'} end
if moves then f[${lastSeenAt}]=ARGV[1] end
if sees then f[${predecessorNonce}]='' f[${predecessorSeenAt}]=ARGV[1] end
save(KEYS[1],f,deadline(f))
return {'touched'}`,

  /**
   * KEYS: record; counts and the log's three, where they lie in the same place. ARGV: at, reason, note, kept until, '1' to
   * bar a record that is not there yet or '', the log's entry but for its count or '', until when it is kept (decimal), the user whose
   * sessions end or ''.
   */
  end: `${ALSO_WHEN_FULL}${RECORD}${COUNT}${APPEND}
local f,v=load(KEYS[1])
if not f then
  if v and v~='${BARRED}' then redis.call('DEL',KEYS[1]) end
  if ARGV[5]~='' and not v then redis.call('SET',KEYS[1],'${BARRED}','PX',${BARRED_FOR}) end
  return {'missing'}
end
if ARGV[8]~='' and f[${userId}]~=ARGV[8] then return {'missing'} end
if f[${endedAt}]~='' then return {'already',v} end
local g=finish(f,ARGV[1],ARGV[2],ARGV[3],ARGV[4])
local w=save(KEYS[1],g,time(ARGV[4]))
countEnded(KEYS[2],state(f))
if KEYS[3] then append(KEYS[3],KEYS[4],KEYS[5],ARGV[6]..SEP..${whole(`tonumber(f[${generation}])+1`)},ARGV[7]) end
return {'ended',w}`,

  /**
   * One step of a walk on one machine. ARGV: cursor, pattern, how many to look at, now. Answers the next cursor, and the
   * keys whose time has come: what is over is removed by the engine a fixed time later, so its expiry says when that was. One that is moving with its slot does not say,
   * and is answered.
   */
  due: `
local reply=redis.call('SCAN',ARGV[1],'MATCH',ARGV[2],'COUNT',ARGV[3])
local found={reply[1]}
local last=tonumber(ARGV[4])+${KEPT_AFTER}
for _,key in ipairs(reply[2]) do
  local at=redis.pcall('PEXPIRETIME',key)
  if type(at)~='number' or at<=last then found[#found+1]=key end
end
return found`,

  /** Ends a record whose deadline has passed. KEYS: record, perhaps counts. ARGV: deadline (decimal), at, reason, kept until. */
  expire: `${ALSO_WHEN_FULL}${RECORD}${COUNT}
local f=load(KEYS[1])
if not f or f[${endedAt}]~='' or deadline(f)~=tonumber(ARGV[1]) then return {'kept'} end
local w=save(KEYS[1],finish(f,ARGV[2],ARGV[3],'',ARGV[4]),time(ARGV[4]))
countEnded(KEYS[2],state(f))
return {'ended',w}`,

  /** Removes an ended record whose time has come. KEYS: record, perhaps counts. ARGV: now (decimal). */
  remove: `${ALSO_WHEN_FULL}${RECORD}${COUNT}
local f=load(KEYS[1])
if not f or f[${endedAt}]=='' or time(f[${ENDING.keepUntil}])>tonumber(ARGV[1]) then return {'kept'} end
redis.call('DEL',KEYS[1])
count(KEYS[2],'e',-1)
return {'removed'}`,
} as const
