-- KEYS: value, lease. ARGV: token, channel, note, and '1' if the value goes with the lease.
local lease = own(KEYS[2], ARGV[1])
if not lease then return 0 end
redis.call('DEL', KEYS[2])
local tells = mark(lease) == '1'
if ARGV[4] == '1' then
  redis.call('DEL', KEYS[1])
  tells = true
end
if tells and not tell(ARGV[2], ARGV[3]) then return -1 end
return 1
