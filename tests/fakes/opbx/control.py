"""The tests' side: on a port of its own, so that it answers while OPBX is down."""

import json
import re

from . import truth
from .reply import Reply, read_json

CAMPAIGN = re.compile(r"/control/campaigns/(\d+)(?:/([a-z-]+))?$")


class Control:
    """`world` has book, switches, lifecycle, worker, and down(seconds, how) and up()."""

    def __init__(self, world):
        self.world = world

    def handle(self, request):
        request.route = "control"
        plain = {
            ("GET", "/control/switches"): lambda: self.world.switches.values,
            ("PATCH", "/control/switches"): self.change_switches,
            ("POST", "/control/campaigns"): self.add_campaign,
            ("POST", "/control/resources"): self.add_resource,
            ("GET", "/control/truth"): lambda: truth.summary(self.world.book),
            ("GET", "/control/cdrs"): lambda: self.world.book.all("SELECT * FROM cdr ORDER BY id"),
            ("GET", "/control/calls"): lambda: self.world.book.all("SELECT * FROM call ORDER BY id"),
            ("GET", "/control/sessions"): lambda: self.world.book.all("SELECT * FROM session ORDER BY id"),
            ("GET", "/control/destinations"): lambda: self.world.book.all("SELECT * FROM destination ORDER BY id"),
            ("GET", "/control/requests"): lambda: self.world.book.all("SELECT * FROM request ORDER BY id"),
            ("GET", "/control/relayed"): lambda: self.world.worker.relayed,
            ("GET", "/control/health"): lambda: self.world.worker.health,
            ("POST", "/control/health"): lambda: self.world.worker.look(),
            ("POST", "/control/down"): self.down,
            ("POST", "/control/up"): lambda: self.world.up(),
            ("PUT", "/control/worker"): self.change_worker,
            ("POST", "/control/ends"): self.take_ends,
        }
        self.body = None
        try:
            if action := plain.get((request.method, request.path)):
                return Reply(200, action(request) if takes_request(action) else action())
            if match := CAMPAIGN.match(request.path):
                return self.campaign(request, int(match[1]), match[2])
        except (ValueError, KeyError) as error:
            return Reply(400, {"message": str(error)})
        return Reply(404, {"message": "no such control"})

    def campaign(self, request, campaign_id, action):
        """PATCH: fields. POST …/ACTION: what users and time do to it."""
        lifecycle = self.world.lifecycle
        if request.method == "PATCH":
            lifecycle.edit(campaign_id, read_json(request.body))
        elif action == "destinations":
            return Reply(200, lifecycle.add_destinations(campaign_id, json.loads(request.body)))
        elif action in ("hide", "show"):
            lifecycle.edit(campaign_id, {"hidden": int(action == "hide")})
        elif action == "monitor":
            lifecycle.open_monitor(campaign_id)
        elif action == "reset-cac":
            lifecycle.force_cac(campaign_id)
        else:
            return lifecycle.act(campaign_id, action)
        return Reply(200, self.world.book.campaign(campaign_id))

    def change_switches(self, request):
        self.world.switches.change(read_json(request.body))
        return self.world.switches.values

    def add_campaign(self, request):
        """Its fields, and `destinations`. Active at once unless another `status` is given."""
        fields = read_json(request.body)
        rows = fields.pop("destinations", [])
        campaign_id = self.world.lifecycle.add({"status": "active", **self.world.cloudonix, **fields})
        return {"id": campaign_id, "destinations": self.world.lifecycle.add_destinations(campaign_id, rows)}

    def add_resource(self, request):
        fields = read_json(request.body)
        self.world.book.insert("resource", kind=fields.pop("kind"), id=fields["id"], fields=json.dumps(fields))
        return fields

    def down(self, request):
        body = read_json(request.body)
        return self.world.down(body.get("seconds"))

    def take_ends(self, request):
        """{token: ms} of calls that ended without a CDR for OPBX, as Cloudonix itself says."""
        for token, end in read_json(request.body).items():
            self.world.book.do("UPDATE call SET ended_ms = ? WHERE token = ? AND ended_ms IS NULL", end, token)
        return {}

    def change_worker(self, request):
        self.world.book.keep("worker_url", read_json(request.body)["url"])
        return {}


def takes_request(action):
    return getattr(action, "__name__", "") != "<lambda>"
