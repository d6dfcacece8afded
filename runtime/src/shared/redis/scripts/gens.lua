-- KEYS: generations. ARGV: how long they last at least, how long they are made to last, then the number of each if it is new.
local found = {}
local least = tonumber(ARGV[1])
for i = 1, #KEYS do
  local generation = text(KEYS[i], 16)
  if not generation or #generation ~= 16 or not string.find(generation, '^%x+$') then
    generation = ARGV[i + 2]
    redis.call('SET', KEYS[i], generation, 'PX', ARGV[2])
  else
    local left = redis.call('PTTL', KEYS[i])
    if left ~= -1 and left < least then redis.call('PEXPIRE', KEYS[i], ARGV[2]) end
  end
  found[i] = generation
end
return found
