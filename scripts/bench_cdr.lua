-- A CDR of its own for every request, as Cloudonix shapes it.
local count = 0
local seed = os.time() % 65536
request = function()
  count = count + 1
  local token = string.format("%08x%024x", seed, count)
  local body = '{"timestamp":1716239100,"domain":"acme.cloudonix.net","subscriber":null,"cx_trunk_id":117,' ..
    '"application":null,"route":null,"from":"12125550100","to":"12127773456","duration":33,"billsec":31,' ..
    '"disposition":"ANSWER","rated_cost":null,"approx_cost":null,"sell_cost":null,"vapp_server":"172.24.40.152",' ..
    '"call_id":"0b515a7c@172.24.40.152:5060","session":{"id":9812750,"domainId":755,"domain":null,' ..
    '"subscriberId":null,"destination":"12127773456","callerId":"12125550100","direction":"outbound-api",' ..
    '"token":"' .. token .. '","timeLimit":0,"callStartTime":1716239100387,"callAnswerTime":1716239102610,' ..
    '"callEndTime":1716239134343,"status":"connected","vappServer":"172.24.40.152","profile":{}},' ..
    '"qos":{"rtt":12.5,"rx_mos":"NaN","tx_mos":4.4,"ssrc":"1909495585"}}'
  return wrk.format("POST", nil, {["Content-Type"] = "application/json"}, body)
end
