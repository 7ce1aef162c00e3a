/** Runs inside Redis as one step, by Redis's own clock. A string and no file, so that it is there after compiling. */
export const takePermits = `
-- Takes what one call costs of every limit, or nothing of any; then each trial in the same way, by itself.
-- KEYS[i]   what is in use of limit i, by its kind:
--           window      list of '<taken at> <total> <cost>', oldest first: microseconds, permits taken up to and with this call, its own
--           quota       number of permits taken
--           concurrent  sorted set of holders by the time, in microseconds, at which their leases end
-- ARGV      'take', or 'peek' to take nothing; the holder; the number of sets of limits; the size of each set, the call's own first;
--           then of each limit its kind, permits, cost, and span: window in ms, end of the period in ms since 1970, lease in ms
-- Returns   of each set that was asked: the number in it of the limit that refused, 0 where none did; the milliseconds until
--           that has enough permits again, -1 where nobody can know; the permits in use of each of its limits
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local mode, holder, sets = ARGV[1], ARGV[2], tonumber(ARGV[3])
local UNKNOWN, NEVER = -1, math.huge
-- Milliseconds by which the clocks of those who ask may be behind ours.
local LATE = 60000

local function entry(key, index)
  local text = redis.call('LINDEX', key, index)
  if not text then return nil end
  local at, total, cost = string.match(text, '(%d+) (%d+) (%d+)')
  return tonumber(at), tonumber(total), tonumber(cost)
end

-- Index of the first entry for which 'holds' is true, as it is for all after it; the length where there is none.
local function first(key, holds)
  local length = redis.call('LLEN', key)
  local low, high = 0, 1
  while high <= length and not holds(entry(key, high - 1)) do low, high = high, high * 2 end
  high = math.min(high - 1, length)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if holds(entry(key, middle)) then high = middle else low = middle + 1 end
  end
  return low
end

local window, quota, concurrent = {}, {}, {}
local kinds = { window = window, quota = quota, concurrent = concurrent }

function window.used(limit)
  local key, since = limit.key, now - limit.span * 1000
  local at, total, cost = entry(key, 0)
  if at and at <= since then
    redis.call('LTRIM', key, first(key, function(taken) return taken > since end), -1)
    at, total, cost = entry(key, 0)
  end
  if not at then return 0 end
  limit.before = total - cost
  limit.last, limit.total = entry(key, -1)
  return limit.total - limit.before
end

function window.wait(limit, missing)
  local enough = first(limit.key, function(_, total) return total - limit.before >= missing end)
  local at = entry(limit.key, enough)
  return math.ceil((at - now) / 1000 + limit.span)
end

function window.take(limit)
  -- The clock may be set back; the order of the list may not depend on that.
  local at = math.max(now, limit.last or 0)
  -- Formatted, since Lua prints numbers of this size with too few digits.
  redis.call('RPUSH', limit.key, string.format('%.0f %.0f %.0f', at, (limit.total or 0) + limit.cost, limit.cost))
  redis.call('PEXPIREAT', limit.key, math.ceil(at / 1000) + limit.span)
end

function quota.used(limit)
  return tonumber(redis.call('GET', limit.key) or 0)
end

function quota.wait(limit)
  return math.max(0, math.ceil(limit.span - now / 1000))
end

function quota.take(limit)
  redis.call('INCRBY', limit.key, limit.cost)
  redis.call('PEXPIREAT', limit.key, math.max(limit.span, math.ceil(now / 1000)) + LATE)
end

function concurrent.used(limit)
  redis.call('ZREMRANGEBYSCORE', limit.key, '-inf', now)
  limit.isHeld = redis.call('ZSCORE', limit.key, holder)
  return redis.call('ZCARD', limit.key)
end

function concurrent.wait()
  return UNKNOWN
end

function concurrent.take(limit)
  redis.call('ZADD', limit.key, now + limit.span * 1000, holder)
  -- One more, since expiry counts in whole milliseconds and may come early by part of one.
  if redis.call('PTTL', limit.key) <= limit.span then redis.call('PEXPIRE', limit.key, limit.span + 1) end
end

local function limitAt(i)
  local at = 3 + sets + (i - 1) * 4
  local permits, cost, span = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  return { key = KEYS[i], kind = kinds[ARGV[at + 1]], permits = permits, cost = cost, span = span }
end

local answer = {}

-- Answers for the set of the limits from one number to another, and says whether it is granted.
local function ask(from, to)
  local limits, used, refusedBy, longest = {}, {}, 0, nil
  for i = from, to do
    local limit = limitAt(i)
    local inUse = limit.kind.used(limit)
    local missing = inUse + limit.cost - limit.permits
    if missing > 0 and limit.cost > 0 and not limit.isHeld then
      local wait = limit.cost > limit.permits and NEVER or limit.kind.wait(limit, missing)
      if not longest or wait > longest then refusedBy, longest = i - from + 1, wait end
    end
    table.insert(limits, limit)
    table.insert(used, inUse)
  end
  if mode == 'take' and refusedBy == 0 then
    for _, limit in ipairs(limits) do
      if limit.cost > 0 then limit.kind.take(limit) end
    end
  end
  table.insert(answer, refusedBy)
  table.insert(answer, longest == NEVER and UNKNOWN or longest or UNKNOWN)
  for _, inUse in ipairs(used) do table.insert(answer, inUse) end
  return refusedBy == 0
end

local size = tonumber(ARGV[4])
local isGranted = ask(1, size)
for set = 2, isGranted and sets or 1 do
  local from = size + 1
  size = size + tonumber(ARGV[3 + set])
  ask(from, size)
end
return answer
`;
