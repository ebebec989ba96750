"""The ground truth: what the fake's own book says of calls, whoever asked for them."""


def live_over_time(calls):
    """[(ms, live calls from then on)], each call from the request for it to the end that Cloudonix names."""
    steps = []
    for call in calls:
        steps.append((call["asked_ms"], 1))
        if call["ended_ms"]:
            steps.append((max(call["ended_ms"], call["asked_ms"] + 1), -1))
    live, series = 0, []
    for at, change in sorted(steps):  # of one millisecond the ends come first
        live += change
        series.append((at, live))
    return series


def peak(calls):
    return max((live for _, live in live_over_time(calls)), default=0)


def grouped(rows, key):
    groups = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups


def double_dials(calls):
    """Numbers of a campaign that had two live calls at once."""
    groups = grouped(calls, "phone_number")
    return sorted(number for number, own in groups.items() if peak(own) > 1)


def summary(book):
    """A call without a token is one whose placing was cut short; nobody knows whether it was made."""
    calls = book.all("SELECT * FROM call WHERE token IS NOT NULL")
    campaigns = {}
    for campaign in book.campaigns():
        own = [call for call in calls if call["campaign_id"] == campaign["id"]]
        campaigns[campaign["id"]] = {
            "status": campaign["status"], "calls": len(own), "peak": peak(own),
            "live": sum(1 for call in own if not call["ended_ms"]), "double_dials": double_dials(own),
            "calls_by_destination": {
                destination: len(rows) for destination, rows in grouped(own, "destination_id").items()
            },
            "destinations": {
                row["status"]: row["n"] for row in book.all(
                    "SELECT status, count(*) AS n FROM destination WHERE campaign_id = ? GROUP BY 1", campaign["id"]
                )
            },
            "completed_calls": campaign["completed_calls"], "failed_calls": campaign["failed_calls"],
            "pending_calls": campaign["pending_calls"], "pause_reason": campaign["pause_reason"],
            "resume_at": campaign["resume_at"],
        }
    return {
        "campaigns": campaigns,
        "calls": len(calls),
        "cut_short": book.one("SELECT count(*) AS n FROM call WHERE token IS NULL")["n"],
        "double_dials": sum(len(row["double_dials"]) for row in campaigns.values()),
        "cdrs": cdr_counts(book),
        "requests": {
            row["route"]: row["n"] for row in book.all("SELECT route, count(*) AS n FROM request GROUP BY 1")
        },
        "sessions": book.one("SELECT count(*) AS n FROM session")["n"],
    }


def cdr_counts(book):
    rows = book.all("SELECT token, status, replayed FROM cdr")
    taken = {row["token"] for row in rows if row["status"] == 200 and row["token"]}
    return {
        "received": len(rows), "taken": len(taken), "replayed": sum(row["replayed"] for row in rows),
        "refused": sum(1 for row in rows if row["status"] != 200),
    }
