-- KEYS: generations. ARGV: channel, note. Removing works with no memory left, where storing new numbers would not.
redis.call('DEL', unpack(KEYS))
if not tell(ARGV[1], ARGV[2]) then return -1 end
return 1
