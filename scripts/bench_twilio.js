// The same document by the twilio library; median of nine runs.
const { VoiceResponse } = require("twilio").twiml;
const documents = 20000;
const rates = [];
for (let run = 0; run < 9; run++) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < documents; i++) {
    const response = new VoiceResponse();
    const stream = response.connect().stream({
      url: "wss://agent.example/ws/bot?session=3caa3541d5f8497e9c79ea30ef689677",
    });
    stream.parameter({ name: "campaign", value: "spring" });
    stream.parameter({ name: "contact", value: "12127773456" });
    stream.parameter({ name: "language", value: "en-US" });
    response.toString();
  }
  rates.push(documents / (Number(process.hrtime.bigint() - start) / 1e9));
}
rates.sort((a, b) => a - b);
console.log(JSON.stringify({ documents_per_second: rates[4] }));
