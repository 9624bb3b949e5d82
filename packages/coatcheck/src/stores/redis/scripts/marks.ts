import { ALSO_WHEN_FULL, REMOVAL } from './steps.ts'

export const markScripts = {
  /** Also when full, since a sweep needs one to make room. KEYS: the mark. ARGV: at, text to have or '', text to set, until (decimal) or ''. */
  setMark: `${ALSO_WHEN_FULL}${REMOVAL}
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
} as const
