-- What happens to the rooms of a Redis. A script runs alone, so that each of these happens whole, or not at all.
--
-- KEYS[1] is what all names begin with. ARGV has what is done, the room's code, and what is said to it; a refusal is
-- {"no", its name}. The names of a room end with the room: each has the room's time to live.
--
--   rooms           codes, by when somebody was last there (microseconds)
--   workers         workers, by the time until which they are believed to live
--   news            a stream of the codes of rooms in which something has changed: its ids are those of the news
--   CODE:room       client, key, number, question, state, shown, truth, asked
--   CODE:board      what followers see by name: the id of its latest change, a blank, and the thing in JSON
--   CODE:seats      who is a student
--   CODE:answers    the answer from each seat
--   CODE:times      how often each has answered
--   CODE:pages:WORKER   how many pages of each follow on that worker

local NEWS = 1000 -- as many as a worker reads at a time: with fewer it has missed none
local LONG = 2 * 86400 * 1000 -- longer than any room lives

local time = redis.call("TIME")
local now = time[1] * 1000000 + time[2]
local todo, code = ARGV[1], ARGV[2]
local said = { unpack(ARGV, 3, math.min(#ARGV, 20)) }

local function name(what, of)
  return KEYS[1] .. ":" .. (of or code) .. ":" .. what
end

local ROOMS, WORKERS, STREAM = KEYS[1] .. ":rooms", KEYS[1] .. ":workers", KEYS[1] .. ":news"

local function no(reason)
  return { "no", reason }
end

-- A name that is written to for the first time lives as long as its room.
local function lives(what)
  redis.call("PEXPIRE", name(what), math.max(1, redis.call("PTTL", name("room"))))
end

local function tell(of)
  local id = redis.call("XADD", STREAM, "MAXLEN", "=", NEWS, "*", "room", of)
  redis.call("PEXPIRE", STREAM, LONG)
  return id
end

local function put(things)
  local id = tell(code)
  for thing, json in pairs(things) do
    redis.call("HSET", name("board"), thing, id .. " " .. json)
  end
end

local function seen(thing)
  return string.match(redis.call("HGET", name("board"), thing), " (.*)")
end

local function workers()
  return redis.call("ZRANGEBYSCORE", WORKERS, now, "+inf")
end

-- How many pages of somebody follow, on all workers but one.
local function pages(token, but)
  local count = 0
  for _, worker in ipairs(workers()) do
    if worker ~= but then
      count = count + (tonumber(redis.call("HGET", name("pages:" .. worker), token)) or 0)
    end
  end
  return count
end

local function is_followed(of)
  for _, worker in ipairs(workers()) do
    if redis.call("EXISTS", name("pages:" .. worker, of)) == 1 then
      return true
    end
  end
  return false
end

local function finish(of)
  for _, worker in ipairs(redis.call("ZRANGE", WORKERS, 0, -1)) do
    redis.call("DEL", name("pages:" .. worker, of))
  end
  for _, what in ipairs({ "room", "board", "seats", "answers", "times" }) do
    redis.call("DEL", name(what, of))
  end
  redis.call("ZREM", ROOMS, of)
  tell(of)
end

-- The codes of all rooms, or of a client's; who has been there least of late comes first.
local function rooms(client)
  local found = {}
  for _, of in ipairs(redis.call("ZRANGE", ROOMS, 0, -1)) do
    local theirs = redis.call("HGET", name("room", of), "client")
    if not theirs then
      redis.call("ZREM", ROOMS, of)
    elseif not client or theirs == client then
      found[#found + 1] = of
    end
  end
  return found
end

-- End one of these rooms, if there is one that nobody has followed for so long.
local function make_place(codes, unheard)
  for _, of in ipairs(codes) do
    if redis.call("ZSCORE", ROOMS, of) + unheard <= now and not is_followed(of) then
      finish(of)
      return true
    end
  end
  return false
end

local function question()
  local number, state, asked, shown, truth =
    unpack(redis.call("HMGET", name("room"), "number", "state", "question", "shown", "truth"))
  if not number then
    return "null"
  end
  local seen_by_all = '{"number":' .. number .. ',"state":"' .. state .. '",' .. string.sub(asked, 2, -2)
  return seen_by_all .. ',"answers":' .. shown .. ',"truth":' .. truth .. "}"
end

-- Each answer with how many gave it, the most frequent first.
local function groups()
  local counts, answers, told = {}, {}, {}
  for _, answer in ipairs(redis.call("HVALS", name("answers"))) do
    if not counts[answer] then
      answers[#answers + 1] = answer
    end
    counts[answer] = (counts[answer] or 0) + 1
  end
  table.sort(answers, function(one, other)
    if counts[one] == counts[other] then
      return one < other
    end
    return counts[one] > counts[other]
  end)
  for place, answer in ipairs(answers) do
    told[place] = '{"answer":' .. answer .. ',"count":' .. counts[answer] .. "}"
  end
  return "[" .. table.concat(told, ",") .. "]"
end

-- Take a seat on which nobody sits, rather of one who has not answered, with the answer.
local function clear_seat()
  local empty
  for _, seat in ipairs(redis.call("SMEMBERS", name("seats"))) do
    if pages(seat) == 0 then
      empty = seat
      if redis.call("HEXISTS", name("answers"), seat) == 0 then
        break
      end
    end
  end
  if not empty then
    return false
  end
  redis.call("SREM", name("seats"), empty)
  redis.call("HDEL", name("answers"), empty)
  redis.call("HDEL", name("times"), empty)
  return true
end

local function role(token)
  if redis.call("HGET", name("room"), "key") == token then
    return "teacher"
  end
  return redis.call("SISMEMBER", name("seats"), token) == 1 and "student" or "nobody"
end

local function count()
  local students, answers = redis.call("SCARD", name("seats")), redis.call("HLEN", name("answers"))
  local counted = '{"students":' .. students .. ',"answers":' .. answers .. "}"
  if counted ~= seen("count") then
    put({ count = counted })
  end
end

-- The milliseconds that the room has left, and each thing that has changed since the news of an id.
local function fresh(since)
  local told = { redis.call("PTTL", name("room")) }
  local ms, number = string.match(since, "(%d+)-(%d+)")
  local board = redis.call("HGETALL", name("board"))
  for place = 1, #board, 2 do
    local its_ms, its_number = string.match(board[place + 1], "(%d+)-(%d+) ")
    local newer = tonumber(its_ms) - tonumber(ms)
    if newer > 0 or (newer == 0 and tonumber(its_number) > tonumber(number)) then
      told[#told + 1] = board[place]
      told[#told + 1] = board[place + 1]
    end
  end
  return told
end

local function believe(worker, lease)
  redis.call("ZREMRANGEBYSCORE", WORKERS, "-inf", now - 1)
  redis.call("ZADD", WORKERS, now + lease * 1000, worker)
  redis.call("PEXPIRE", WORKERS, LONG)
  redis.call("PEXPIRE", name("pages:" .. worker), lease)
end

local happens = {}

function happens.open(client, key, life, most, most_own, unheard, board)
  if redis.call("EXISTS", name("room")) == 1 then
    return { 0 } -- another code, then
  end
  local own = rooms(client)
  if #own >= tonumber(most_own) and not make_place(own, unheard) then
    return no("MANY_OF_CLIENT")
  end
  local all = rooms()
  if #all >= tonumber(most) and not make_place(all, unheard) then
    return no("MANY_ROOMS")
  end
  redis.call("HSET", name("room"), "client", client, "key", key)
  redis.call("PEXPIRE", name("room"), life)
  redis.call("ZADD", ROOMS, now, code)
  redis.call("PEXPIRE", ROOMS, LONG)
  local nothing = { count = '{"students":0,"answers":0}' }
  for thing in string.gmatch(board, "%a+") do
    nothing[thing] = "null"
  end
  put(nothing)
  lives("board")
  return { 1 }
end

function happens.role(token)
  return { role(token) }
end

function happens.life()
  return { redis.call("PTTL", name("room")) }
end

function happens.join(seat, most)
  if redis.call("SCARD", name("seats")) >= tonumber(most) and not clear_seat() then
    return no("MANY_STUDENTS")
  end
  redis.call("SADD", name("seats"), seat)
  lives("seats")
  return {}
end

function happens.move(at, walk)
  local was = seen("walk")
  if walk == "" and was == "null" then
    return no("NO_WALK")
  end
  if walk == "" or walk == was then
    put({ at = at })
  else
    put({ at = at, walk = walk })
  end
  return {}
end

function happens.ask(asked)
  redis.call("DEL", name("answers"), name("times"))
  redis.call("HDEL", name("room"), "number", "question", "state", "shown", "truth")
  local number = 0
  if asked ~= "" then
    number = redis.call("HINCRBY", name("room"), "asked", 1)
    redis.call("HSET", name("room"), "number", number, "question", asked, "state", "open")
    redis.call("HSET", name("room"), "shown", "null", "truth", "null")
  end
  put({ question = question() })
  return { number }
end

function happens.poll()
  return redis.call("HMGET", name("room"), "number", "state", "question")
end

function happens.answer(seat, number, answer, most)
  local asked, state = unpack(redis.call("HMGET", name("room"), "number", "state"))
  if asked ~= number then
    return no("OVER")
  end
  if state ~= "open" then
    return no("SHOWN")
  end
  if redis.call("SISMEMBER", name("seats"), seat) == 0 then
    return no("NO_SEAT")
  end
  if (tonumber(redis.call("HGET", name("times"), seat)) or 0) >= tonumber(most) then
    return no("MANY_CHANGES")
  end
  redis.call("HINCRBY", name("times"), seat, 1)
  redis.call("HSET", name("answers"), seat, answer)
  lives("times")
  lives("answers")
  return {}
end

happens["answer of"] = function(seat)
  return { redis.call("HGET", name("room"), "number"), redis.call("HGET", name("answers"), seat) }
end

function happens.tally()
  local number, state, shown = unpack(redis.call("HMGET", name("room"), "number", "state", "shown"))
  local answers = state == "open" and groups() or shown
  return { number, state, redis.call("SCARD", name("seats")), redis.call("HLEN", name("answers")), answers }
end

function happens.show()
  local state = redis.call("HGET", name("room"), "state")
  if not state then
    return no("NOTHING_ASKED")
  end
  if state == "open" then
    redis.call("HSET", name("room"), "state", "shown", "shown", groups())
  end
  put({ question = question() })
  return {}
end

function happens.tell(truth)
  local state = redis.call("HGET", name("room"), "state")
  if not state then
    return no("NOTHING_ASKED")
  end
  if state == "open" then
    return no("NOT_SHOWN")
  end
  redis.call("HSET", name("room"), "state", "told", "truth", truth)
  put({ question = question() })
  return {}
end

happens["end"] = function()
  finish(code)
  return {}
end

function happens.count()
  count()
  return {}
end

function happens.fresh(since)
  return fresh(since)
end

function happens.follow(token, number, most, since, worker, lease)
  local who = role(token)
  if who == "nobody" then
    return no("NO_SEAT")
  end
  if pages(token, worker) + number > tonumber(most) then
    return no("MANY_PAGES")
  end
  redis.call("HSET", name("pages:" .. worker), token, number)
  believe(worker, lease)
  return { who, unpack(fresh(since)) }
end

function happens.leave(token, number, worker)
  if tonumber(number) > 0 then
    redis.call("HSET", name("pages:" .. worker), token, number)
  else
    redis.call("HDEL", name("pages:" .. worker), token)
  end
  return {}
end

-- A worker says again who follows on it. One that says nothing for a lease is dead, and nobody follows there.
function happens.renew(since, worker, lease)
  redis.call("DEL", name("pages:" .. worker))
  for place = 6, #ARGV, 2 do
    redis.call("HSET", name("pages:" .. worker), ARGV[place], ARGV[place + 1])
  end
  believe(worker, lease)
  count()
  return fresh(since)
end

if todo ~= "open" then
  if redis.call("EXISTS", name("room")) == 0 then
    return no("NO_ROOM")
  end
  if todo ~= "fresh" and todo ~= "count" then -- with which nobody is there
    redis.call("ZADD", ROOMS, now, code)
  end
end
return happens[todo](unpack(said))
