import { ALSO_WHEN_FULL, APPEND, REMOVAL, whole } from './steps.ts'

/** Milliseconds for which it is known that an ending or a rotation was logged; for calls that are repeated. */
const LOGGED_FOR = 600_000

/** Notes until when the log has an entry of something; false where it is known for as long already. */
const NOTED = `
local function noteAs(notes,name,over)
  local kept=redis.call('ZSCORE',notes,name)
  if kept and tonumber(kept)>=tonumber(over) then return false end
  redis.call('ZADD',notes,over,name)
  keepUntil(notes,tonumber(over))
  return true
end
`

export const logScripts = {
  /**
   * KEYS: the log's three, what was logged lately (a sorted set). ARGV: entry, until when it is kept; by what it is
   * known, or '' for one that is logged each time.
   */
  append: `${ALSO_WHEN_FULL}${REMOVAL}${APPEND}
local now=tonumber(redis.call('TIME')[1])*1000
if ARGV[3]~='' and redis.call('ZSCORE',KEYS[4],ARGV[3]) then return {'logged'} end
append(KEYS[1],KEYS[2],KEYS[3],ARGV[1],ARGV[2])
if ARGV[3]~='' then
  redis.call('ZADD',KEYS[4],now,ARGV[3])
  redis.call('ZREMRANGEBYSCORE',KEYS[4],'-inf',now-${LOGGED_FOR})
  redis.call('PEXPIRE',KEYS[4],${LOGGED_FOR})
end
return {'logged'}`,

  /**
   * Writes entries of what has no record, each once. KEYS: the log's three, what was noted (a sorted set by the time until
   * which it is kept). ARGV: of each what it is, until when it is kept, entry.
   */
  note: `${ALSO_WHEN_FULL}${REMOVAL}${APPEND}${NOTED}
for i=1,#ARGV,3 do
  if noteAs(KEYS[4],ARGV[i],ARGV[i+1]) then append(KEYS[1],KEYS[2],KEYS[3],ARGV[i+2],ARGV[i+1]) end
end
return {'noted'}`,

  /** KEYS: the log's name. ARGV: a name for one that has none. The counter is left alone: where it begins is for the log of a move to say. */
  begin: `${ALSO_WHEN_FULL}
redis.call('SET',KEYS[1],ARGV[1],'NX')
return {redis.call('GET',KEYS[1])}`,

  /**
   * KEYS: the log's three, what was noted. ARGV: what the counter is to be at least, then of each entry number, text, until when it
   * is kept, and what it is as a note or ''.
   */
  adoptEntries: `${REMOVAL}${APPEND}${NOTED}
local n=tonumber(redis.call('GET',KEYS[2]) or 0)
local before=n
for i=2,#ARGV,4 do
  if tonumber(ARGV[i])>n then
    n=tonumber(ARGV[i])
    appendAs(n,KEYS[1],KEYS[3],ARGV[i+1],ARGV[i+2])
    if ARGV[i+3]~='' then noteAs(KEYS[4],ARGV[i+3],ARGV[i+2]) end
  end
end
n=math.max(n,tonumber(ARGV[1]))
if n>before then redis.call('SET',KEYS[2],${whole('n')}) end
return {${whole('n')}}`,

  /**
   * Removes what need not be kept any longer. KEYS: the log, until when each entry is kept, what was noted. ARGV: now, how many of
   * each at most, since a script keeps everybody else waiting. Answers how many entries, and how many notes.
   */
  trim: `
local due=redis.call('ZRANGE',KEYS[2],'-inf',ARGV[1],'BYSCORE','LIMIT',0,ARGV[2])
for i=1,#due do
  redis.call('XDEL',KEYS[1],due[i]..'-1')
  redis.call('ZREM',KEYS[2],due[i])
end
local notes=redis.call('ZRANGE',KEYS[3],'-inf',ARGV[1],'BYSCORE','LIMIT',0,ARGV[2])
for i=1,#notes do redis.call('ZREM',KEYS[3],notes[i]) end
return {${whole('#due')},${whole('#notes')}}`,

  /** KEYS: the log, its counter. ARGV: the number after which, how many. Answers the last number, then numbers and entries. */
  entries: `
local found={${whole("tonumber(redis.call('GET',KEYS[2]) or 0)")}}
for _,e in ipairs(redis.call('XRANGE',KEYS[1],'('..ARGV[1]..'-1','+','COUNT',ARGV[2])) do
  found[#found+1]=string.match(e[1],'^%d+')
  found[#found+1]=e[2][2]
end
return found`,
} as const
