import { CLOCKS_APART, KEPT_AFTER } from '../record-value.ts'

/**
 * Before a script that ends something, or keeps something from beginning: a Redis whose memory is full runs it all the same,
 * or whoever fills it would keep everybody from signing out.
 */
export const ALSO_WHEN_FULL = '#!lua flags=allow-oom\n'

/** When the engine may remove what is over then; never soon, be the clock of whoever asks behind the engine's. */
export const REMOVAL = `
local function removal(over)
  local from=math.max(math.ceil(over),tonumber(redis.call('TIME')[1])*1000-${CLOCKS_APART})
  return string.format('%.0f',math.min(8.64e15,from+${KEPT_AFTER}))
end
local function keepUntil(key,over)
  local at=removal(over)
  if redis.call('PEXPIRETIME',key)<tonumber(at) then redis.call('PEXPIREAT',key,at) end
end
`

/** Appends an entry to the log, numbers it, and notes until when it is kept, so that it can be removed whatever stands before it. */
export const APPEND = `
local function appendAs(n,log,due,entry,over)
  local number=string.format('%.0f',n)
  redis.call('XADD',log,number..'-1','e',entry)
  redis.call('ZADD',due,over,number)
  keepUntil(log,tonumber(over))
  keepUntil(due,tonumber(over))
end
local function append(log,counter,due,entry,over) appendAs(redis.call('INCR',counter),log,due,entry,over) end
`

/** Reads what a bucket knows of everybody: the epoch of all, and the highest that a user of the bucket has had. */
export const EVERYONE = `
local function bucket(key)
  local all,highest=string.match(redis.call('GET',key) or '0','^(%d+):?(%d*)')
  return tonumber(all),tonumber(highest) or 0
end
local function setBucket(key,all,highest)
  redis.call('SET',key,string.format('%.0f',all)..':'..string.format('%.0f',highest))
end
`

/** A number as a whole one, whatever its size. */
export const whole = (number: string) => `string.format('%.0f',${number})`
