import { BARRED, BARRED_FOR, CLOCKS_APART, FIELDS, KEPT_AFTER } from './record-value.ts'

/**
 * The steps that change something, each one script and so one step of the engine. A script gets the keys of one bucket
 * only. What it compares of a record are times, counters and whole texts; what is in the texts it does not look into.
 */
const { endedAt, secretHash, generation, authGeneration, version } = FIELDS
const { expiresAt, idleFor, createdAt, lastSeenAt, renewedAt, authenticatedAt } = FIELDS
const { predecessorHash, predecessorNonce, predecessorKeyId, predecessorSeenAt, userEpoch } = FIELDS
const { userId, schema, persistent, assurance, client, binding, data } = FIELDS

/**
 * Before a script that ends something, or keeps something from beginning: a Redis whose memory is full runs it all the same,
 * or whoever fills it would keep everybody from signing out.
 */
const ALSO_WHEN_FULL = '#!lua flags=allow-oom\n'

/** When the engine may remove what is over then; never soon, be the clock of whoever asks behind the engine's. */
const REMOVAL = `
local function removal(over)
  local from=math.max(math.ceil(over),tonumber(redis.call('TIME')[1])*1000-${CLOCKS_APART})
  return string.format('%.0f',math.min(8.64e15,from+${KEPT_AFTER}))
end
local function keepUntil(key,over)
  local at=removal(over)
  if redis.call('PEXPIRETIME',key)<tonumber(at) then redis.call('PEXPIREAT',key,at) end
end
`

/** What the scripts about records have in common. */
const RECORD = `${REMOVAL}
local SEP='\\30'
local function split(v)
  local f,n={},0
  for x in string.gmatch(v..SEP,'([^\\30]*)\\30') do n=n+1 f[n]=x end
  return f
end
local function load(key)
  local v=redis.call('GET',key)
  if not v then return nil,nil end
  if v=='${BARRED}' then return nil,v end
  return split(v),v
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
  g[${data}]=reason g[${data + 1}]=note g[${data + 2}]=keep
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

/** Numbers an entry of the log and appends it. */
const APPEND = `
local function append(log,number,entry,over)
  local n=redis.call('INCR',number)
  redis.call('XADD',log,string.format('%.0f',n)..'-1','e',entry)
  keepUntil(log,tonumber(over))
end
`

/** So long it is known of a session that its ending was logged, in milliseconds; for calls that are repeated. */
const LOGGED_FOR = 600_000

/** The members of a user's sorted set that are no session: the user epoch, and what each admission by a limit raises. */
const EPOCH = '\\30e'
const ADMISSIONS = '\\30a'

const USER = `${REMOVAL}
local function everyone() return tonumber(redis.call('GET',KEYS[2]) or 0) end
local function epoch() return tonumber(redis.call('ZSCORE',KEYS[1],'${EPOCH}') or 0)+everyone() end
local function admissions() return tonumber(redis.call('ZSCORE',KEYS[1],'${ADMISSIONS}') or 0) end
local function ids()
  local all=redis.call('ZREVRANGE',KEYS[1],0,-1)
  local found={}
  for i=1,#all do if string.byte(all[i])~=30 then found[#found+1]=all[i] end end
  return found
end
`

const whole = (number: string) => `string.format('%.0f',${number})`

export const scripts = {
  /**
   * KEYS: record, everyone's epoch, counts where they are counted here. ARGV: at (base 36), hash, value, when it is over,
   * everyone's epoch at admission or ''.
   */
  create: `${RECORD}${COUNT}
local f,v=load(KEYS[1])
if v and not f then return {'barred'} end
if f then
  if f[${secretHash}]==ARGV[2] and live(f,time(ARGV[1])) then return {'created','again'} end
  return {'taken'}
end
if ARGV[5]~='' then
  local now=tonumber(redis.call('GET',KEYS[2]) or 0)
  if now>tonumber(ARGV[5]) then return {'behind',${whole('now')}} end
end
put(KEYS[1],ARGV[3],tonumber(ARGV[4]))
count(KEYS[3],state(split(ARGV[3])),1)
return {'created'}`,

  /**
   * Takes a record in as it is. KEYS: record, everyone's epoch, perhaps counts. ARGV: value, when it is over, '1' where it has ended or '',
   * what everyone's epoch must not be above or ''. A bar keeps off open ones.
   */
  adopt: `${RECORD}${COUNT}
local v=redis.call('GET',KEYS[1])
if v and not (v=='${BARRED}' and ARGV[3]~='') then return {'there'} end
if ARGV[4]~='' and tonumber(redis.call('GET',KEYS[2]) or 0)>tonumber(ARGV[4]) then return {'outdated'} end
put(KEYS[1],ARGV[1],tonumber(ARGV[2]))
count(KEYS[3],state(split(ARGV[1])),1)
return {'adopted'}`,

  /**
   * KEYS: record. ARGV: at, generation or '', version or '', '1' for a value to hold or '', its key, '1' where it is
   * there or '', its text; schema or '', '1' and client or '', '1' and binding or '', user epoch or ''; how many to set,
   * keys and texts, keys to remove. With a user epoch a record that is not there yet is barred.
   */
  update: `${RECORD}
local f,v=load(KEYS[1])
local epoch=ARGV[13]
if not live(f,time(ARGV[1])) then
  if epoch~='' and not v then redis.call('SET',KEYS[1],'${BARRED}','PX',${BARRED_FOR}) end
  return {'gone'}
end
if ARGV[2]~='' and tonumber(f[${authGeneration}])>tonumber(ARGV[2]) then return {'replaced'} end
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
f=change(f,15,tonumber(ARGV[14]))
save(KEYS[1],f,deadline(f))
return {'updated',f[${version}]}`,

  /**
   * KEYS: record. ARGV: at, from, to, generation, '1' for a predecessor or '', its nonce, its key's id, user epoch or '',
   * '1' for an authentication or '', assurance, expiry, idle timeout, persistence; how many to set, keys and texts, keys
   * to remove.
   */
  rotate: `${RECORD}
local f,v=load(KEYS[1])
if not f then return {'gone'} end
if not live(f,time(ARGV[1])) then return {'gone',v} end
if f[${secretHash}]==ARGV[3] and f[${generation}]==ARGV[4] then return {'rotated',v} end
if f[${secretHash}]~=ARGV[2] or tonumber(f[${generation}])+1~=tonumber(ARGV[4]) then return {'kept',v} end
if ARGV[8]~='' and f[${userEpoch}]~='' and tonumber(f[${userEpoch}])>tonumber(ARGV[8]) then return {'user-changed',v} end
f[${generation}]=ARGV[4] f[${secretHash}]=ARGV[3] f[${renewedAt}]=ARGV[1]
f[${predecessorHash}]='' f[${predecessorNonce}]='' f[${predecessorKeyId}]='' f[${predecessorSeenAt}]=''
if ARGV[5]~='' then f[${predecessorHash}]=ARGV[2] f[${predecessorNonce}]=ARGV[6] f[${predecessorKeyId}]=ARGV[7] end
if ARGV[9]~='' then
  f[${authGeneration}]=ARGV[4] f[${authenticatedAt}]=ARGV[1]
  if last(f)<time(ARGV[1]) then f[${lastSeenAt}]=ARGV[1] end
  f[${assurance}]=ARGV[10] f[${expiresAt}]=ARGV[11] f[${idleFor}]=ARGV[12] f[${persistent}]=ARGV[13]
  if #ARGV>14 then
    f[${version}]=${whole(`tonumber(f[${version}])+1`)}
    f=change(f,15,tonumber(ARGV[14]))
  end
end
return {'rotated',save(KEYS[1],f,deadline(f))}`,

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
   * KEYS: record; counts, the log and its counter, where they lie in the same place. ARGV: at, reason, note, kept until, '1' to
   * bar a record that is not there yet or '', the log's entry, until when it is kept (decimal).
   */
  end: `${ALSO_WHEN_FULL}${RECORD}${COUNT}${APPEND}
local f,v=load(KEYS[1])
if not f then
  if ARGV[5]~='' and not v then redis.call('SET',KEYS[1],'${BARRED}','PX',${BARRED_FOR}) end
  return {'missing'}
end
if f[${endedAt}]~='' then return {'already',v} end
local g=finish(f,ARGV[1],ARGV[2],ARGV[3],ARGV[4])
local w=save(KEYS[1],g,time(ARGV[4]))
countEnded(KEYS[2],state(f))
if KEYS[3] then append(KEYS[3],KEYS[4],ARGV[6],ARGV[7]) end
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
if not f or f[${endedAt}]=='' or time(f[${data + 2}])>tonumber(ARGV[1]) then return {'kept'} end
redis.call('DEL',KEYS[1])
count(KEYS[2],'e',-1)
return {'removed'}`,

  /** KEYS: user, everyone's epoch. Answers the user epoch. */
  epoch: `${USER}
return {${whole('epoch()')}}`,

  /** KEYS: user. Answers how often a limit admitted, then the ids of open sessions. */
  sessions: `${USER}
local found=ids()
table.insert(found,1,${whole('admissions()')})
return found`,

  /**
   * Enters a session that is about to be created, so that no ending of the user can miss it. KEYS: user, everyone's epoch. ARGV: user
   * epoch to hold or '', id, begun at, until when the set is needed, how often a limit had admitted or ''.
   */
  admit: `${USER}
if ARGV[1]~='' and epoch()~=tonumber(ARGV[1]) then return {'user-changed'} end
if ARGV[5]~='' then
  if admissions()~=tonumber(ARGV[5]) then return {'moved'} end
  redis.call('ZINCRBY',KEYS[1],1,'${ADMISSIONS}')
end
if ARGV[2]~='' then redis.call('ZADD',KEYS[1],ARGV[3],ARGV[2]) end
keepUntil(KEYS[1],tonumber(ARGV[4]))
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

  /** KEYS: the mark. ARGV: at, text to have or '', text to set, until (decimal) or ''. */
  setMark: `${REMOVAL}
local v=redis.call('GET',KEYS[1])
local present=''
if v then
  local over,text=string.match(v,'^([^\\30]*)\\30(.*)$')
  if over=='' or tonumber(over)>tonumber(ARGV[1]) then present=text end
end
if present~=ARGV[2] then return {present==ARGV[3] and 'kept' or 'other'} end
local value=ARGV[4]..'\\30'..ARGV[3]
if ARGV[4]=='' then redis.call('SET',KEYS[1],value) else redis.call('SET',KEYS[1],value,'PXAT',removal(tonumber(ARGV[4]))) end
return {'set'}`,

  /**
   * KEYS: the log, its counter, what was logged lately (a sorted set). ARGV: entry, until when it is kept; the session that
   * it is about, or '' for one that is logged each time.
   */
  append: `${ALSO_WHEN_FULL}${REMOVAL}${APPEND}
local now=tonumber(redis.call('TIME')[1])*1000
if ARGV[3]~='' and redis.call('ZSCORE',KEYS[3],ARGV[3]) then return {'logged'} end
append(KEYS[1],KEYS[2],ARGV[1],ARGV[2])
if ARGV[3]~='' then
  redis.call('ZADD',KEYS[3],now,ARGV[3])
  redis.call('ZREMRANGEBYSCORE',KEYS[3],'-inf',now-${LOGGED_FOR})
  redis.call('PEXPIRE',KEYS[3],${LOGGED_FOR})
end
return {'logged'}`,

  /** KEYS: the log, its counter. ARGV: what the counter is to be at least, then of each entry number, text, until when it is kept. */
  adoptEntries: `${REMOVAL}
local n=tonumber(redis.call('GET',KEYS[2]) or 0)
local before=n
for i=2,#ARGV,3 do
  if tonumber(ARGV[i])>n then
    n=tonumber(ARGV[i])
    redis.call('XADD',KEYS[1],ARGV[i]..'-1','e',ARGV[i+1])
    keepUntil(KEYS[1],tonumber(ARGV[i+2]))
  end
end
n=math.max(n,tonumber(ARGV[1]))
if n>before then redis.call('SET',KEYS[2],${whole('n')}) end
return {${whole('n')}}`,

  /** KEYS: the log, its counter. ARGV: the number after which, how many. Answers the last number, then numbers and entries. */
  entries: `
local found={${whole("tonumber(redis.call('GET',KEYS[2]) or 0)")}}
for _,e in ipairs(redis.call('XRANGE',KEYS[1],'('..ARGV[1]..'-1','+','COUNT',ARGV[2])) do
  found[#found+1]=string.match(e[1],'^%d+')
  found[#found+1]=e[2][2]
end
return found`,
} as const

export type ScriptName = keyof typeof scripts
