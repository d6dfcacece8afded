-- KEYS: value, lease. ARGV: token, bytes, life, channel, note.
local lease = own(KEYS[2], ARGV[1])
if not lease then return 0 end
store(KEYS[1], ARGV[2], ARGV[3])
redis.call('DEL', KEYS[2])
if mark(lease) == '1' and not tell(ARGV[4], ARGV[5]) then return -1 end
return 1
