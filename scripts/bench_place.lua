-- The request that creates a call, to another number each time.
local count = 0
request = function()
  count = count + 1
  local body = '{"destination":"+999' .. string.format("%09d", count) .. '","caller-id":"+12125550100",' ..
    '"cxml":"<?xml version=\\"1.0\\" encoding=\\"UTF-8\\"?><Response><Hangup/></Response>",' ..
    '"timeout":30,"timeLimit":60,"profile":{"cxdial-attempt":"' .. count .. '"}}'
  return wrk.format("POST", nil, {["Content-Type"] = "application/json",
    ["Authorization"] = "Bearer XI00000000000000000000000000000000"}, body)
end
