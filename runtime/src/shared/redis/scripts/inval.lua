-- KEYS: value, lease. ARGV: channel, note, who begins or ends to hold off, for how long if that begins; how a value begins that stays.
-- With no memory left a script may write on that has removed something.
if ARGV[5] then
  local value = text(KEYS[1])
  if value and string.sub(value, 1, #ARGV[5]) == ARGV[5] then return 0 end
end
local removed = redis.call('DEL', KEYS[1])
local lease = text(KEYS[2])
-- Behind the mark of a hold stand all who hold.
local holders = lease and mark(lease) == 'T' and string.sub(lease, 2) or ''
if ARGV[4] ~= '' then
  local time = tonumber(ARGV[4])
  if holders ~= '' then time = math.max(time, redis.call('PTTL', KEYS[2])) end
  redis.call('SET', KEYS[2], 'T' .. holders .. ARGV[3], 'PX', time)
else
  local from, to = nil, nil
  if ARGV[3] ~= '' then from, to = string.find(holders, ARGV[3], 1, true) end
  if from then holders = string.sub(holders, 1, from - 1) .. string.sub(holders, to + 1) end
  if holders == '' then
    redis.call('DEL', KEYS[2])
  elseif from then
    redis.call('SET', KEYS[2], 'T' .. holders, 'KEEPTTL')
  end
end
if not tell(ARGV[1], ARGV[2]) then return -1 end
return removed
