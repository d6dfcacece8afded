-- KEYS: value, lease. ARGV: token, time, over ('nothing', 'value', 'lease').
local over = ARGV[3]
if over == 'nothing' then
  local value = text(KEYS[1])
  if value then return {'hit', value, redis.call('PTTL', KEYS[1])} end
end
local lease = text(KEYS[2])
local flag = '0'
if lease then
  local left = redis.call('PTTL', KEYS[2])
  if mark(lease) == 'T' then return {'hold', left} end
  if over ~= 'lease' and string.sub(lease, 2) ~= ARGV[1] then
    redis.call('SETRANGE', KEYS[2], 0, '1')
    return {'wait', left}
  end
  -- Those who wait for the old holder wait for the new one.
  flag = mark(lease)
end
redis.call('SET', KEYS[2], flag .. ARGV[1], 'PX', ARGV[2])
return {'lead'}
