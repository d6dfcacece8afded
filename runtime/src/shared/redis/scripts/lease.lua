-- KEYS: value, lease. ARGV: token, time; unless it is taken in spite of everything: the holder whom it is taken from, if any, and how
-- the value begins in spite of which, if any.
local known = #ARGV > 2
if known then
  local value = text(KEYS[1])
  if value and not (ARGV[4] and string.sub(value, 1, #ARGV[4]) == ARGV[4]) then
    return {'hit', value, redis.call('PTTL', KEYS[1])}
  end
end
local lease = text(KEYS[2])
local flag = '0'
if lease then
  local left, holder = redis.call('PTTL', KEYS[2]), string.sub(lease, 2)
  if mark(lease) == 'T' then return {'hold', left} end
  if known and holder ~= ARGV[1] and holder ~= ARGV[3] then
    redis.call('SETRANGE', KEYS[2], 0, '1')
    return {'wait', left, holder}
  end
  -- Those who wait for the old holder wait for the new one.
  flag = mark(lease)
end
redis.call('SET', KEYS[2], flag .. ARGV[1], 'PX', ARGV[2])
return {'lead'}
