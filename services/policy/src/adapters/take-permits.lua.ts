/** Runs inside Redis as one step, by Redis's own clock. A string and no file, so that it is there after compiling. */
export const takePermits = `
-- Takes one permit of every limit, or none of any.
-- KEYS[i]     limit i: a list of the times, in microseconds, at which its permits in use were taken, oldest first
-- ARGV[1]     "take", or "peek" to take nothing
-- ARGV[2i]    permits of limit i
-- ARGV[2i+1]  window of limit i, in milliseconds
-- Returns {0, 0, 0} when granted, else {i, used, wait} for the limit that makes wait longest:
--             its number, its permits in use, and the milliseconds until it has one again
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local refused = {0, 0, 0}

for i, key in ipairs(KEYS) do
  local permits, window = tonumber(ARGV[2 * i]), ARGV[2 * i + 1] * 1000

  local oldest = redis.call('LINDEX', key, 0)
  while oldest and tonumber(oldest) <= now - window do
    redis.call('LPOP', key)
    oldest = redis.call('LINDEX', key, 0)
  end

  local used = redis.call('LLEN', key)
  if used >= permits then
    local blocking = redis.call('LINDEX', key, used - permits) or now
    local wait = math.ceil((blocking + window - now) / 1000)
    if wait > refused[3] then refused = {i, used, wait} end
  end
end

if refused[1] == 0 and ARGV[1] == 'take' then
  -- Joined as text: Lua prints numbers of this size with too few digits.
  local stamp = time[1] .. string.format('%06d', time[2])
  for i, key in ipairs(KEYS) do
    redis.call('RPUSH', key, stamp)
    -- One more than the window, since expiry counts in whole milliseconds and may come early by part of one.
    redis.call('PEXPIRE', key, ARGV[2 * i + 1] + 1)
  end
end

return refused
`;
