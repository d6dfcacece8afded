-- KEYS: value, lease. ARGV: keep, channel, note. Only a removal ends a hold.
local lease = text(KEYS[2])
if not (lease and mark(lease) == 'T') then redis.call('DEL', KEYS[2]) end
local left = redis.call('PTTL', KEYS[1])
local keep = tonumber(ARGV[1])
if left == -1 or left > keep then
  if keep > 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) else redis.call('DEL', KEYS[1]) end
end
if not tell(ARGV[2], ARGV[3]) then return -1 end
return 1
