-- Stands in front of every script. A key of another kind counts as absent, and so does what is longer than a value may be (or than
-- `most`); every other failure ends the script.
local function text(key, most)
  most = most or 8388608
  local found = redis.pcall('GETRANGE', key, 0, most)
  if type(found) == 'string' and found ~= '' and #found <= most then return found end
  if type(found) == 'table' and found.err and not string.find(found.err, 'WRONGTYPE', 1, true) then error(found.err) end
end

-- What stands in front of a lease: '0' held, '1' held and somebody waits, 'T' fills are held off.
local function mark(lease) return string.sub(lease, 1, 1) end

-- The lease, if it is this holder's.
local function own(key, token)
  local lease = text(key)
  if lease and mark(lease) ~= 'T' and string.sub(lease, 2) == token then return lease end
end

-- No life is for ever.
local function store(key, value, life)
  if life == '' then redis.call('SET', key, value) else redis.call('SET', key, value, 'PX', life) end
end

-- A user without the right to the channel must not undo what has happened.
local function tell(channel, note)
  local told = redis.pcall('PUBLISH', channel, note)
  return not (type(told) == 'table' and told.err)
end

-- Whether a value counts as being there: it has these bytes at this place, and more than `keep` ms of its time remain.
local function stands(key, value, at, bytes, keep)
  at = tonumber(at)
  if string.sub(value, at + 1, at + #bytes) ~= bytes then return false end
  local left = redis.call('PTTL', key)
  return left == -1 or left > tonumber(keep)
end

