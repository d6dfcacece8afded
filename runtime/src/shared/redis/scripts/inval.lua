-- KEYS: value, lease. ARGV: hold, channel, note. With no memory left a script may write on that has removed something.
local removed = redis.call('DEL', KEYS[1])
if ARGV[1] == '0' then redis.call('DEL', KEYS[2]) else redis.call('SET', KEYS[2], 'T', 'PX', ARGV[1]) end
if not tell(ARGV[2], ARGV[3]) then return -1 end
return removed
