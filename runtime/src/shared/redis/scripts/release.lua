-- KEYS: lease. ARGV: token, channel, note.
local lease = own(KEYS[1], ARGV[1])
if not lease then return 0 end
redis.call('DEL', KEYS[1])
if mark(lease) == '1' and not tell(ARGV[2], ARGV[3]) then return -1 end
return 1
