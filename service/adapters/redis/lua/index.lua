-- A range of an index and its size, in one view with the partition's genesis record.
-- KEYS: genesis, index. ARGV: expected genesis, from, to, limit, 'REV' or ''.
local genesis = redis.call('GET', KEYS[1])
if not genesis or string.sub(genesis, 9) ~= ARGV[1] then
  return {'G', genesis}
end
local entries
if ARGV[5] == 'REV' then
  entries = redis.call('ZRANGE', KEYS[2], ARGV[2], ARGV[3], 'BYSCORE', 'REV', 'LIMIT', 0, ARGV[4], 'WITHSCORES')
else
  entries = redis.call('ZRANGE', KEYS[2], ARGV[2], ARGV[3], 'BYSCORE', 'LIMIT', 0, ARGV[4], 'WITHSCORES')
end
return {redis.call('ZCARD', KEYS[2]), entries}
