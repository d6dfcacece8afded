-- KEYS: value, lease. ARGV: channel, note, who begins or ends to hold off, for how long if that begins; how a value begins, and '1' if only
-- such a one is meant, '0' if every other. With no memory left a script may write on that has removed something.
if ARGV[5] then
  local value = text(KEYS[1])
  local begins = value and string.sub(value, 1, #ARGV[5]) == ARGV[5] or false
  if begins ~= (ARGV[6] == '1') then return 0 end
end
local removed = redis.call('DEL', KEYS[1])
local lease = text(KEYS[2])
local held = lease and mark(lease) == 'T'
if ARGV[3] ~= '' then
  -- Behind the mark of a hold stand all who hold, each with the moment of its end.
  local time = redis.call('TIME')
  local now, last, holders = time[1] * 1000 + math.floor(time[2] / 1000), 0, ''
  local function add(token, ends)
    holders = holders .. token .. '=' .. string.format('%.0f', ends) .. ';'
    last = math.max(last, ends)
  end
  if held then
    for token, ends in string.gmatch(lease, '(%x+)=(%d+);') do
      if token ~= ARGV[3] and tonumber(ends) > now then add(token, tonumber(ends)) end
    end
  end
  if ARGV[4] ~= '' then add(ARGV[3], now + tonumber(ARGV[4])) end
  if holders == '' then
    redis.call('DEL', KEYS[2])
  else
    redis.call('SET', KEYS[2], 'T' .. holders, 'PX', string.format('%.0f', last - now))
  end
elseif not held then
  redis.call('DEL', KEYS[2])
end
if not tell(ARGV[1], ARGV[2]) then return -1 end
return removed
