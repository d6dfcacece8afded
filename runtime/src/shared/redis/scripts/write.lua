-- KEYS: value, lease. ARGV: bytes, life, channel, note; then, if some value stands in the way: at, bytes, keep.
local lease = text(KEYS[2])
if lease and mark(lease) == 'T' then return 0 end
if ARGV[5] then
  local value = text(KEYS[1])
  if value and stands(KEYS[1], value, ARGV[5], ARGV[6], ARGV[7]) then return 0 end
end
store(KEYS[1], ARGV[1], ARGV[2])
redis.call('DEL', KEYS[2])
if not tell(ARGV[3], ARGV[4]) then return -1 end
return 1
