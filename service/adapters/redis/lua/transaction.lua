-- One mini-transaction: reads and checks everything, then writes. See transaction_codec.h for the
-- argument layout and ports/store.h for the meaning.
--
-- An error after the first write would keep that write, so whatever can fail is checked before it, and
-- the first write is one that Redis refuses when it refuses any (out of memory, read-only, no replicas).
-- No arithmetic on money: sums are INCRBY's; numbers here only guard a range or count transactions.

local n_check, n_add, n_fence, n_put, n_put_expiring, n_delete, n_score, n_index_put, n_index_remove,
  flags = string.byte(ARGV[2], 1, 10)
local has_not_after = flags % 2 == 1
local touches = flags >= 2

local n_read = 1 + n_check + n_add + n_fence
local read = redis.call('MGET', unpack(KEYS, 1, n_read))
local genesis = read[1]
if not genesis or string.sub(genesis, 9) ~= ARGV[1] then
  return {'G', genesis}
end

local arg = 4        -- the next argument
local holds = true
local too_late = 0
local fenced = 0

if has_not_after then
  local time = redis.call('TIME')
  if time[1] * 1000 + math.floor(time[2] / 1000) > tonumber(ARGV[arg]) then
    too_late = 1
  end
  arg = arg + 1
end

local versions = ARGV[3]
for i = 1, n_check do
  local value = read[1 + i]
  local found = value and string.sub(value, 1, 8) or '\0\0\0\0\0\0\0\0'
  if found ~= string.sub(versions, 8 * i - 7, 8 * i) then
    holds = false
  end
end

local scores = {}
local index_base = n_read + n_put + n_put_expiring + n_delete
for i = 1, n_score do
  local score = redis.call('ZSCORE', KEYS[index_base + i], ARGV[arg])
  if (score or '') ~= ARGV[arg + 1] then
    holds = false
  end
  scores[i] = score
  arg = arg + 2
end

-- A counter is its decimal digits, with an F before them once it is fenced.
local out_of_range = false
for i = 1, n_add + n_fence do
  local value = read[1 + n_check + i]
  local is_fenced = value and string.byte(value) == 70
  local sum = value and tonumber(is_fenced and string.sub(value, 2) or value) or (not value and 0)
  if not sum then
    return {'X'}
  end
  if i <= n_add then
    if is_fenced then
      fenced = 1
    end
    sum = sum + tonumber(ARGV[arg + 2 * (i - 1)])
    if sum > 9007199254740991 or sum < -9007199254740991 then
      out_of_range = true
    end
  end
end

if not holds or too_late == 1 or fenced == 1 then
  local conflict = {'C', too_late + 2 * fenced}
  for i = 1, n_check do
    conflict[2 + i] = read[1 + i]
  end
  for i = 1, n_score do
    conflict[2 + n_check + i] = scores[i]
  end
  return conflict
end
if out_of_range then
  return {'R'}
end

local sequence = struct.unpack('>I8', genesis)
local n_write = n_add + n_fence + n_put + n_put_expiring + n_delete + n_index_put + n_index_remove
if n_write == 0 and not touches then
  return sequence
end
sequence = sequence + 1
local version = struct.pack('>I8', sequence)

-- The genesis record carries the sequence number as its version, so it is written with the puts.
local first_put = arg + 2 * n_add + n_fence
local mset = {'MSET', KEYS[1], version .. ARGV[1]}
for i = 1, n_put do
  mset[2 + 2 * i] = KEYS[n_read + i]
  mset[3 + 2 * i] = version .. ARGV[first_put + i - 1]
end
redis.call(unpack(mset))

local key = 1 + n_check
for i = 1, n_add do
  redis.call('INCRBY', KEYS[key + i], ARGV[arg])
  if ARGV[arg + 1] ~= '' then
    redis.call('PEXPIRE', KEYS[key + i], ARGV[arg + 1])
  end
  arg = arg + 2
end

local reply = sequence
if n_fence > 0 then
  reply = {sequence}
end
key = key + n_add
for i = 1, n_fence do
  local value = read[key + i] or '0'
  if string.byte(value) ~= 70 then
    value = 'F' .. value
  end
  if ARGV[arg] ~= '' then
    redis.call('SET', KEYS[key + i], value, 'PX', ARGV[arg])
  else
    redis.call('SET', KEYS[key + i], value)
  end
  reply[1 + i] = string.sub(value, 2)
  arg = arg + 1
end

arg = arg + n_put
key = n_read + n_put
for i = 1, n_put_expiring do
  redis.call('SET', KEYS[key + i], version .. ARGV[arg], 'PX', ARGV[arg + 1])
  arg = arg + 2
end

key = key + n_put_expiring
if n_delete > 0 then
  redis.call('UNLINK', unpack(KEYS, key + 1, key + n_delete))
end

key = index_base + n_score
for i = 1, n_index_put do
  redis.call('ZADD', KEYS[key + i], ARGV[arg], ARGV[arg + 1])
  arg = arg + 2
end
key = key + n_index_put
for i = 1, n_index_remove do
  redis.call('ZREM', KEYS[key + i], ARGV[arg])
  arg = arg + 1
end
return reply
