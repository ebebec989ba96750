#pragma once

namespace cxdial::api_client::internal {

// Lua, run by Redis as a whole or not at all. A counter that is negative or no number counts as 0:
// some workers lower it without a floor.

/// KEYS: lock, counter, our calls. ARGV: lock's value, its time (ms), cap, our live calls, attempt,
/// how long the list is kept (ms), how our locks begin: one that lingers does not keep us out.
/// Answers {verdict, counter before, our calls before}.
inline constexpr const char* admit_script = R"lua(
local counted = math.max(tonumber(redis.call('GET', KEYS[2]) or '0') or 0, 0)
local ours = redis.call('HLEN', KEYS[3])
local lock = redis.call('GET', KEYS[1])
if lock and string.sub(lock, 1, #ARGV[7]) ~= ARGV[7] then
  return {'locked', counted, ours}
end
if math.max(counted, tonumber(ARGV[4])) >= tonumber(ARGV[3]) then
  return {'full', counted, ours}
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[2], counted + 1)
redis.call('HSET', KEYS[3], ARGV[5], '1')
redis.call('PEXPIRE', KEYS[3], ARGV[6])
return {'admitted', counted, ours}
)lua";

/// KEYS: lock. ARGV: its value, how long it lingers (ms).
inline constexpr const char* unlock_script = R"lua(
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
)lua";

/// KEYS: counter, our calls, and the call's marker where its token is known. ARGV: attempt, how
/// long the marker is kept (s).
inline constexpr const char* release_script = R"lua(
if redis.call('HDEL', KEYS[2], ARGV[1]) == 0 then
  return 0
end
if KEYS[3] and not redis.call('SET', KEYS[3], '1', 'NX', 'EX', ARGV[2]) then
  return 0
end
local counted = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
if counted > 0 then
  redis.call('SET', KEYS[1], counted - 1)
end
return 1
)lua";

/// KEYS: counter, our calls. ARGV: attempts that hold a slot. Counts those that are not counted
/// yet.
inline constexpr const char* adopt_script = R"lua(
for _, attempt in ipairs(ARGV) do
  if redis.call('HSETNX', KEYS[2], attempt, '1') == 1 then
    local counted = math.max(tonumber(redis.call('GET', KEYS[1]) or '0') or 0, 0)
    redis.call('SET', KEYS[1], counted + 1)
  end
end
return #ARGV
)lua";

/// KEYS: counter, our calls. ARGV: 1 to raise the counter to our calls. Answers {counter, our
/// calls} as they were.
inline constexpr const char* look_script = R"lua(
local counted = math.max(tonumber(redis.call('GET', KEYS[1]) or '0') or 0, 0)
local ours = redis.call('HLEN', KEYS[2])
if ARGV[1] == '1' and counted < ours then
  redis.call('SET', KEYS[1], ours)
end
return {counted, ours}
)lua";

}  // namespace cxdial::api_client::internal
