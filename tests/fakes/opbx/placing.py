"""How OPBX's server places a call at Cloudonix, and what it makes of the answer."""

import datetime
import http.client
import json
import urllib.parse
import uuid
from xml.sax.saxutils import escape, quoteattr

HANG_UP = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>'


class Failed(Exception):
    """Cloudonix refused, or nobody knows; the text goes into the generic 500."""


class Refused(Failed):
    """An answer that was not 2xx."""

    def __init__(self, status, retry_after=None):
        super().__init__("Cloudonix API call failed")
        self.status = status
        self.retry_after = retry_after


def document(book, campaign, destination, switches):
    """The CXML of a call; the hang-up document where anything is not as it should be."""
    assistant = None
    if campaign["routing_destination_type"] == "ai_assistant":
        assistant = resource(book, "ai_assistant", campaign["routing_destination_id"])
    elif campaign["routing_destination_type"] == "ai_load_balancer" and not switches["balancer_hangs_up"]:
        balancer = resource(book, "ai_load_balancer", campaign["routing_destination_id"])
        members = sorted(balancer["members"], key=lambda member: member["position"]) if balancer else []
        assistant = resource(book, "ai_assistant", members[0]["ai_assistant_id"]) if members else None
    if assistant is None:
        return HANG_UP
    inner = connect(assistant, campaign, destination)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n{inner}</Response>\n' if inner else HANG_UP


def connect(assistant, campaign, destination):
    configuration = assistant["configuration"]
    if assistant["protocol"] == "sip":
        number = escape(configuration["phone_number"])
        return f"  <Dial>\n    <Service provider={quoteattr(assistant['provider'])}>{number}</Service>\n  </Dial>\n"
    if assistant["protocol"] != "websocket":
        return None
    values = {
        **configuration, "session": f"ad-{uuid.uuid4().hex[:14]}.{uuid.uuid4().int % 10**8:08}",
        "from": campaign["caller_id"], "to": destination["phone_number"],
    }
    url = assistant["template"]
    for name, value in values.items():
        url = url.replace("{" + name + "}", urllib.parse.quote(value, safe="-._~"))
    if "{" in url or not url.startswith("wss://"):
        return None
    return f"  <Connect>\n    <Stream url={quoteattr(url)}/>\n  </Connect>\n"


def resource(book, kind, resource_id):
    row = book.one("SELECT fields FROM resource WHERE kind = ? AND id = ?", kind, resource_id)
    return json.loads(row["fields"]) if row else None


def call_request(book, campaign, destination, caller_id, base_url, switches):
    """The body for Cloudonix. It carries no profile: no trace of the worker's own ids."""
    callback = base_url + "/api/webhooks/cloudonix/call-status"
    body = {
        "destination": destination["phone_number"], "caller-id": caller_id,
        "cxml": document(book, campaign, destination, switches), "callback": callback,
    }
    for key, field in (("timeout", "dial_timeout"), ("timeLimit", "time_limit")):
        if campaign[field]:
            body[key] = campaign[field]
    if campaign["record_calls"]:
        body.update(record=True, recordingStatusCallback=callback, recordingStatusCallbackEvent="completed")
    if switches["sends_deadline"]:
        limit = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=5)
        body["deadline"] = limit.isoformat(timespec="seconds")
    if switches["version"] == "old" and campaign["amd_enabled"]:
        body.update(
            machineDetection="Enable", machineDetectionTimeout=30, machineDetectionSpeechThreshold=1500,
            machineDetectionSpeechEndThreshold=2500, machineDetectionSilenceTimeout=3500,
        )
    return body


def place(campaign, body, timeout):
    """Posts once; (id, token) of the answer. The id is absent in what Cloudonix documents."""
    parts = urllib.parse.urlsplit(campaign["cloudonix_api_url"])
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    headers = {
        "Authorization": "Bearer " + campaign["cloudonix_api_key"], "Accept": "application/json",
        "Content-Type": "application/json",
    }
    try:
        path = f"/calls/{campaign['cloudonix_domain']}/application"
        connection.request("POST", path, json.dumps(body), headers)
        reply = connection.getresponse()
        text = reply.read()
    except (OSError, http.client.HTTPException) as error:
        raise Failed(f"cURL error 28: {error}") from error
    finally:
        connection.close()
    if reply.status // 100 != 2:
        raise Refused(reply.status, reply.headers.get("Retry-After"))
    answer = json.loads(text)
    return answer.get("id"), answer.get("token")
