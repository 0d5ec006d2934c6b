-- One decision, atomically, by the clock of Redis: may this account be called now, and what did
-- an ended call teach? RULES stands above this text; breaker.py and limiter.py say what it means.
-- KEYS: 1 breaker, 2 window, 3 limits, 4 calls, 5 slots, 6 probes, 7 calls of the operation,
-- 8 when each process was last heard of, 9 when anybody was, 10 calls let go before they were told.

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])

local function text(n)
  return string.format('%.0f', n)
end

local function hash(key)
  local flat, found = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do found[flat[i]] = flat[i + 1] end
  return found
end

local breaker = hash(KEYS[1])

local function number(from, name, otherwise)
  return tonumber(from[name] or '') or otherwise or 0
end

local function put(key, mirror, fields)
  local flat = {}
  for name, value in pairs(fields) do
    mirror[name] = tostring(value)
    flat[#flat + 1] = name
    flat[#flat + 1] = mirror[name]
  end
  redis.call('HSET', key, unpack(flat))
end

-- A clock that was set back -------------------------------------------------------------------

-- What was written ahead of now was written by a clock that has been set back since. Moments move
-- as far back as it did, so that nothing lasts longer for it; the rest is bounded by its rule.
local function breaker_moved_back()
  local ahead, changes = number(breaker, 'since') - now, {}
  for _, name in ipairs({'since', 'until', 'calm'}) do
    local at = number(breaker, name)
    if ahead > 0 and at > 0 then changes[name] = text(math.max(0, at - ahead)) end
  end
  if (tonumber(changes['until']) or number(breaker, 'until')) > now + RULES.open_most then
    changes['until'] = text(now + RULES.open_most)
  end
  if next(changes) then put(KEYS[1], breaker, changes) end
end

local function limits_moved_back(known)
  local ahead = math.max(number(known, 'cooled'), number(known, 'cut')) - now
  local changes = {}
  for _, name in ipairs({'cool', 'cooled', 'cut', 'raise'}) do
    if ahead > 0 and known[name] then
      changes[name] = text(math.max(0, number(known, name) - ahead))
    end
  end
  if (tonumber(changes.cool) or number(known, 'cool')) > now + RULES.cool_most then
    changes.cool = text(now + RULES.cool_most)
  end
  if next(changes) then put(KEYS[3], known, changes) end
end

-- Calls of a window: at worst they were made just now. So it shuts the account for one window at
-- most, and none holds more than it may.
local function calls_set_back(key)
  local life = redis.call('PTTL', key)
  local made = redis.call('LRANGE', key, 0, -1)
  redis.call('DEL', key)
  for _, at in ipairs(made) do
    redis.call('RPUSH', key, text(math.min(tonumber(at), now)))
  end
  if life > 0 then redis.call('PEXPIRE', key, life) end
end

-- Who is under way ----------------------------------------------------------------------------

local function heard(process)
  redis.call('ZADD', KEYS[8], text(now), process)
  redis.call('PEXPIRE', KEYS[8], text(RULES.silent / 1000 + 3600000))
end

-- Where nobody at all was heard for a while, it may be Redis that stood still, and not they. Who
-- spoke shortly before that is given the time to speak again; who was silent already is not.
local function listen()
  local watch = hash(KEYS[9])
  local last = number(watch, 'last', now)
  for _, process in ipairs(redis.call('ZRANGEBYSCORE', KEYS[8], '(' .. text(now), '+inf')) do
    heard(process)
  end
  if now < last or now - last > RULES.lull then
    put(KEYS[9], watch, {alive = text(last - RULES.silent), spared = text(now + RULES.silent)})
  end
  put(KEYS[9], watch, {last = text(now)})
  redis.call('PEXPIRE', KEYS[9], text(RULES.silent / 1000 + 3600000))
  return watch
end

local function dead_processes()
  local watch = listen()
  local spares = number(watch, 'spared') > now and number(watch, 'alive') or math.huge
  local found, any = {}, false
  local silent = redis.call('ZRANGEBYSCORE', KEYS[8], '-inf', text(now - RULES.silent), 'WITHSCORES')
  for i = 1, #silent, 2 do
    if tonumber(silent[i + 1]) < spares then
      redis.call('ZREM', KEYS[8], silent[i])
      found[silent[i]], any = true, true
    end
  end
  return found, any
end

-- A process that was taken for dead, or a call for over, may still tell what it came to.
local function let_go_of(key, token)
  redis.call('ZREM', key, token)
  redis.call('SADD', KEYS[10], token)
  redis.call('PEXPIRE', KEYS[10], text(RULES.untold / 1000))
end

-- Let go of calls whose time is over, and of those whose process is: their connections ended with
-- it. A token names its process before the colon.
local function let_go()
  local dead, any = dead_processes()
  for _, key in ipairs({KEYS[5], KEYS[6]}) do
    for _, token in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', text(now))) do
      let_go_of(key, token)
    end
    if any then
      for _, token in ipairs(redis.call('ZRANGE', key, 0, -1)) do
        if dead[string.match(token, '^[^:]*')] then let_go_of(key, token) end
      end
    end
  end
end

-- The breaker ---------------------------------------------------------------------------------

local function enter(state, why)
  put(KEYS[1], breaker, {
    state = state, why = why, since = text(now), good = 0,
    generation = text(number(breaker, 'generation') + 1),
  })
  redis.call('DEL', KEYS[6])
end

local function open(why, seconds)
  local trips = number(breaker, 'trips')
  if (breaker.state or 'closed') == 'closed' and now - number(breaker, 'calm') > RULES.calm then
    trips = 0
  end
  local lasts = math.min(RULES.open_most, seconds * 2 ^ trips)
  put(KEYS[1], breaker, {
    ['until'] = text(math.max(number(breaker, 'until'), now + lasts)),
    trips = text(math.min(trips + 1, 20)),
  })
  enter('open', why)
end

local function close(why)
  redis.call('DEL', KEYS[2])
  put(KEYS[1], breaker, {['until'] = '0', calm = text(now)})
  enter('closed', why)
end

local function force(state, version)
  if version <= number(breaker, 'version') then return end
  local before = breaker.forced or ''
  put(KEYS[1], breaker, {forced = state, version = text(version)})
  if state ~= '' then
    put(KEYS[1], breaker, {forced_since = text(now)})
  elseif before == 'closed' then
    put(KEYS[1], breaker, {trips = '0'})
    close('automatic again')
  elseif before == 'open' or breaker.state == 'open' then
    put(KEYS[1], breaker, {['until'] = '0'})
    enter('half', 'automatic again')
  end
end

-- open, half or closed; `half` a second time where a permit made it so. A look changes nothing.
local function state_now(looks)
  if (breaker.forced or '') ~= '' then return breaker.forced, '' end
  local state = breaker.state or 'closed'
  if state == 'open' and now >= number(breaker, 'until') then
    if not looks then enter('half', breaker.why or '') end
    return 'half', 'half'
  end
  return state, ''
end

local function probes_left(kind)
  local most = kind == 'spend' and 1 or RULES.probes
  return most - redis.call('ZCARD', KEYS[6])
end

local function open_for()
  if breaker.forced == 'open' then return RULES.open_most end
  return math.max(number(breaker, 'until') - now, RULES.probe_wait)
end

local function too_bad()
  local total, bad, good = 0, 0, 0
  local oldest = math.floor(now / RULES.bucket) - RULES.buckets
  for field, count in pairs(hash(KEYS[2])) do
    local slot, code = string.match(field, '^(%d+):(.*)$')
    local weight = RULES.weight[code]
    if tonumber(slot) <= oldest or tonumber(slot) > oldest + RULES.buckets then
      redis.call('HDEL', KEYS[2], field)
    elseif weight then
      total = total + tonumber(count)
      bad = bad + tonumber(count) * weight
      if weight == 0 then good = good + tonumber(count) end
    end
  end
  if total >= RULES.calls_least and bad / total >= RULES.share then return true end
  return good == 0 and bad >= RULES.bad_least
end

local function judge(code, generation)
  local weight = RULES.weight[code]
  if not weight or (breaker.forced or '') ~= '' then return '' end
  if generation ~= number(breaker, 'generation') then return '' end
  local state = breaker.state or 'closed'
  if state == 'half' then
    if weight > 0 then open(code, RULES.open) return 'opened' end
    local good = redis.call('HINCRBY', KEYS[1], 'good', 1)
    if good >= RULES.probes then close('its probes went well') return 'closed' end
  elseif state == 'closed' and weight > 0 then
    if RULES.at_once[code] then open(code, RULES.open_at_once) return 'opened' end
    if too_bad() then open(code, RULES.open) return 'opened' end
  end
  return ''
end

local function count(code)
  local slot = math.floor(now / RULES.bucket)
  if redis.call('HINCRBY', KEYS[2], text(slot) .. ':' .. code, 1) == 1 then
    for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
      if tonumber(string.match(field, '^(%d+):')) <= slot - RULES.buckets then
        redis.call('HDEL', KEYS[2], field)
      end
    end
    redis.call('PEXPIRE', KEYS[2], text(RULES.bucket * RULES.buckets * 2 / 1000))
  end
end

-- The limiter ---------------------------------------------------------------------------------

local function learned(most, window)
  local known = hash(KEYS[3])
  if known.terms ~= most .. '/' .. text(window) then
    known = {terms = most .. '/' .. text(window), cool = known.cool, cooled = known.cooled}
  end
  limits_moved_back(known)
  return known, math.min(number(known, 'cap', most), most)
end

-- How long until fewer than `most` calls lie within `window`.
local function full_for(key, most, window)
  local before = redis.call('LINDEX', key, -most)
  if not before then return 0 end
  if tonumber(before) > now then
    calls_set_back(key)
    before = now
  end
  return math.max(0, tonumber(before) + window - now)
end

local function kept_back(most, kind)
  if kind ~= 'read' or most < RULES.share_from then return 0 end
  return math.max(1, math.floor(most * RULES.kept_back))
end

local function booked(key, most, window)
  redis.call('RPUSH', key, text(now))
  redis.call('LTRIM', key, -most, -1)
  redis.call('PEXPIRE', key, text(math.ceil(window / 1000) + 1000))
end

local function learn(code, granted, retry_after, most, window)
  local known, cap = learned(most, window)
  local changes = {terms = known.terms, cap = cap}
  if code == 'rate_limited' then
    local rest = retry_after >= 0 and math.min(retry_after, RULES.cool_most)
      or math.min(window, RULES.cool_blind)
    changes.cool = text(math.max(number(known, 'cool'), now + rest))
    changes.cooled = text(now)
    -- Calls of one flight hit the same wall: it is counted once.
    if granted > number(known, 'cut') then
      local safe = number(known, 'safe')
      if safe > 0 and safe < cap then
        changes.cap, changes.safe = safe, 0
      else
        changes.cap = math.max(most * RULES.floor, cap * RULES.cut)
      end
      local hold = math.min(RULES.hold_most, math.max(RULES.hold, number(known, 'hold') * 2))
      changes.cut, changes.hold, changes.wall = text(now), text(hold), cap
      changes.raise = text(now + rest + math.max(hold, window))
    end
  elseif cap < most and now >= number(known, 'raise') and granted > number(known, 'cut') then
    changes.safe = cap
    changes.cap = math.min(most, cap * RULES.raise)
    changes.raise = text(now + math.max(window, RULES.raise_every))
    if changes.cap > number(known, 'wall') * RULES.raise * RULES.raise then changes.hold = 0 end
  else
    return
  end
  put(KEYS[3], known, changes)
  redis.call('PEXPIRE', KEYS[3], text(RULES.remember / 1000))
end

-- The verbs -----------------------------------------------------------------------------------

-- One call's turn: the verdict as {what, wait, generation, granted at, probe, event}.
local function turn(token, kind, lease, most, window, at_once, own_most, own_window)
  local generation = number(breaker, 'generation')
  if redis.call('ZSCORE', KEYS[5], token) then
    local probe = redis.call('ZSCORE', KEYS[6], token) and 1 or 0
    return {'go', 0, generation, now, probe, ''}  -- asked twice, because the answer was lost
  end
  local state, event = state_now()
  generation = number(breaker, 'generation')
  if state == 'open' then return {'open', open_for(), generation, now, 0, event} end
  if state == 'half' and probes_left(kind) <= 0 then
    return {'open', RULES.probe_wait, generation, now, 0, event}
  end
  local known, cap = learned(most, window)
  local n, w = math.floor(cap), window
  if n < 1 then n, w = 1, window / cap end
  local cool = number(known, 'cool') - now
  if cool > 0 then return {'cool', cool, generation, now, 0, event} end
  local wait = full_for(KEYS[4], n - kept_back(n, kind), w)
  if own_most > 0 then wait = math.max(wait, full_for(KEYS[7], own_most, own_window)) end
  if wait > 0 then return {'rate', wait, generation, now, 0, event} end
  if redis.call('ZCARD', KEYS[5]) >= at_once - kept_back(at_once, kind) then
    return {'slots', RULES.slot_wait, generation, now, 0, event}
  end
  redis.call('ZADD', KEYS[5], text(now + lease), token)
  redis.call('PEXPIRE', KEYS[5], text(lease / 1000 + 60000))
  booked(KEYS[4], most, w)
  if own_most > 0 then booked(KEYS[7], own_most, own_window) end
  if state == 'half' then
    redis.call('ZADD', KEYS[6], text(now + lease), token)
    redis.call('PEXPIRE', KEYS[6], text(lease / 1000 + 60000))
  end
  return {'go', 0, generation, now, state == 'half' and 1 or 0, event}
end

-- kind, lease, forced, version, most, window, at once, operation's most and window, then a token
-- for each call in its turn. Once one has to wait, nobody behind it is let through.
-- Answers one verdict for each stretch of equal ones: {how many, verdict}.
local function permit()
  force(ARGV[4], tonumber(ARGV[5]))
  heard(string.match(ARGV[11], '^[^:]*'))
  let_go()
  local stretches = {}
  for i = 11, #ARGV do
    local verdict = turn(
      ARGV[i], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[6]), tonumber(ARGV[7]),
      tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
    )
    local last = stretches[#stretches]
    if last and table.concat(last[2], ' ') == table.concat(verdict, ' ') then
      last[1] = last[1] + 1
    else
      stretches[#stretches + 1] = {1, verdict}
    end
    if verdict[1] ~= 'go' then break end
  end
  return stretches
end

local function ended(token, granted, code, generation)
  redis.call('ZREM', KEYS[6], token)
  if redis.call('ZREM', KEYS[5], token) + redis.call('SREM', KEYS[10], token) == 0 then
    return ''  -- told before
  end
  if code == '' then return '' end
  count(code)
  learn(code, granted, tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]))
  return judge(code, generation)
end

-- code (empty: says nothing), generation, retry after (-1: none), most, window, then a token and
-- when it was granted for each call that ended so. Answers the breaker's changes alone.
local function report()
  listen()
  local events = {}
  for i = 7, #ARGV, 2 do
    local event = ended(ARGV[i], tonumber(ARGV[i + 1]), ARGV[2], tonumber(ARGV[3]))
    if event ~= '' then events[#events + 1] = event end
  end
  return events
end

-- kind, forced, version: whether a call of that kind would be refused by the breaker
local function look()
  force(ARGV[3], tonumber(ARGV[4]))
  let_go()
  local state = state_now(true)
  if state == 'open' then return open_for() end
  if state == 'half' and probes_left(ARGV[2]) <= 0 then return RULES.probe_wait end
  return 0
end

local function show()
  local state = state_now(true)
  let_go()
  limits_moved_back(hash(KEYS[3]))
  return {
    now, state, redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[2]),
    redis.call('HGETALL', KEYS[3]), redis.call('ZCARD', KEYS[5]),
  }
end

breaker_moved_back()
local verb = ARGV[1]
if verb == 'permit' then return permit() end
if verb == 'report' then return report() end
if verb == 'look' then return look() end
if verb == 'heard' then listen() return heard(ARGV[2]) end
if verb == 'force' then force(ARGV[2], tonumber(ARGV[3])) return state_now(true) end
return show()
