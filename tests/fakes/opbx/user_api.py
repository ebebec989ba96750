"""As much of the users' API as matters to a dialer: campaigns' states, the monitor, assistants and balancers."""

import json
import re

from .reply import Reply

CAMPAIGN = re.compile(r"/api/v1/auto-dialer-campaigns/(\d+)/(start|pause|resume|archive|reset-cac|monitor/detail)$")
RESOURCE = re.compile(r"/api/v1/(ai-assistants|ai-load-balancers)(?:/(\d+))?$")
KINDS = {"ai-assistants": "ai_assistant", "ai-load-balancers": "ai_load_balancer"}


class UserApi:
    def __init__(self, book, switches, lifecycle, token):
        self.book = book
        self.switches = switches
        self.lifecycle = lifecycle
        self.token = token

    def handle(self, request):
        campaign, resource = CAMPAIGN.match(request.path), RESOURCE.match(request.path)
        if not campaign and not resource:
            return NotImplemented
        request.route = "user"
        if not self.token or request.headers.get("Authorization") != "Bearer " + self.token:
            return Reply(401, {"message": "Unauthenticated."})
        if resource:
            return self.resource(KINDS[resource[1]], resource[2])
        return self.campaign(int(campaign[1]), campaign[2])

    def campaign(self, campaign_id, action):
        if action == "monitor/detail":
            self.lifecycle.open_monitor(campaign_id)
        elif action == "reset-cac":
            self.lifecycle.force_cac(campaign_id)
        else:
            return self.lifecycle.act(campaign_id, action)
        return Reply(200, {"data": {"campaign_id": campaign_id}})

    def resource(self, kind, resource_id):
        rows = self.book.all("SELECT id, fields FROM resource WHERE kind = ? ORDER BY id", kind)
        shown = {str(row["id"]): json.loads(row["fields"]) for row in rows}
        if resource_id is None:
            return Reply(200, {"data": list(shown.values())})
        found = shown.get(resource_id)
        return Reply(200, {"data": found}) if found else Reply(404, {"message": "Not found."})
