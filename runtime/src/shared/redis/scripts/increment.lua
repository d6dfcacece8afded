-- KEYS: value, lease, scratch. ARGV: by, head, life, channel, note, at, bytes, keep, place and byte of the mark.
-- Numbers of Lua are exact up to 2^53 only, so that Redis adds, and the sum is read back as a text.
local lease = text(KEYS[2])
if lease and mark(lease) == 'T' then return {'held'} end
local value = text(KEYS[1])
local sum = ARGV[1]
if value and stands(KEYS[1], value, ARGV[6], ARGV[7], ARGV[8]) then
  local place = tonumber(ARGV[9])
  if string.sub(value, place + 1, place + 1) ~= ARGV[10] then return {'none'} end
  local size = #ARGV[2]
  redis.call('SET', KEYS[3], string.sub(value, size + 1), 'PX', 60000)
  local added = redis.pcall('INCRBY', KEYS[3], ARGV[1])
  if type(added) == 'table' and added.err then
    redis.call('DEL', KEYS[3])
    if string.find(added.err, 'overflow', 1, true) then return {'overflow'} end
    if string.find(added.err, 'not an integer', 1, true) then return {'none'} end
    error(added.err)
  end
  sum = redis.call('GET', KEYS[3])
  redis.call('DEL', KEYS[3])
  redis.call('SET', KEYS[1], string.sub(value, 1, size) .. sum, 'KEEPTTL')
else
  store(KEYS[1], ARGV[2] .. sum, ARGV[3])
end
redis.call('DEL', KEYS[2])
if not tell(ARGV[4], ARGV[5]) then return {'untold'} end
return {'sum', sum}
