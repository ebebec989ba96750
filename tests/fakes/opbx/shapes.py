"""The objects as the worker sees them, for each version, and whether a campaign may run now."""

import datetime
import json
import zoneinfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
STRATEGY_LABELS = {
    "round_robin": "Round Robin", "random": "Random", "least_recently_used": "Least Recently Used",
}
ALWAYS = {
    day: {"enabled": True, "time_ranges": [{"id": "1", "start_time": "00:00", "end_time": "24:00"}]} for day in DAYS
}
OLD_CAC_VALUES = [2, 3, 4, 6, 10, 15, 20]


def campaign_defaults():
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return {
        "organization_id": 3, "name": "June", "description": None, "auto_start": False,
        "routing_destination_type": "hangup", "routing_destination_id": None, "routing_destination_label": None,
        "dial_timeout": 60, "destination_connect": "connected", "caller_id": "+12127773456", "max_dial_attempts": 1,
        "concurrent_active_calls": 5, "calls_per_second": 1,
        "start_date": str(today - datetime.timedelta(days=1)), "end_date": str(today + datetime.timedelta(days=365)),
        "timezone": "UTC", "schedule": ALWAYS, "time_limit": 3600, "record_calls": False,
        "action_voicemail": None, "action_human": None, "action_unknown": None, "retry_on_voicemail": False,
        "caller_id_pool_enabled": False, "caller_id_strategy": "round_robin", "caller_id_pool": [],
        "amd_enabled": False, "amd_mode": "Enabled", "has_list": True,
    }


def hour_of(text):
    return int(text.split(":")[0])


def enabled_ranges(campaign, day):
    entry = campaign["schedule"].get(day) or {}
    return entry.get("time_ranges") or [] if entry.get("enabled") else []


def identity(value, switches):
    return str(value) if switches["ids_as_strings"] and value is not None else value


def statistics(book, campaign):
    total = book.one("SELECT count(*) AS n FROM destination WHERE campaign_id = ?", campaign["id"])["n"]
    done = campaign["completed_calls"] + campaign["failed_calls"]
    return {
        "total_destinations": total, "completed_calls": campaign["completed_calls"],
        "failed_calls": campaign["failed_calls"], "voicemail_calls": campaign["voicemail_calls"],
        "pending_calls": campaign["pending_calls"],
        "progress_percentage": round(100 * done / total, 2) if total else 0,
    }


def campaign_json(book, switches, campaign):
    active_days = [day for day in DAYS if enabled_ranges(campaign, day)]
    first = enabled_ranges(campaign, active_days[0])[0] if active_days else {"start_time": "09:00", "end_time": "17:00"}
    shown = {
        "id": identity(campaign["id"], switches),
        "organization_id": identity(campaign["organization_id"], switches),
        "name": campaign["name"], "description": campaign["description"],
        "status": campaign["status"], "status_label": campaign["status"].capitalize(),
        "auto_start": campaign["auto_start"],
        "routing_destination_type": campaign["routing_destination_type"],
        "routing_destination_label": campaign["routing_destination_label"],
        "routing_destination_id": identity(campaign["routing_destination_id"], switches),
        "dial_timeout": campaign["dial_timeout"], "destination_connect": campaign["destination_connect"],
        "caller_id": campaign["caller_id"], "max_dial_attempts": campaign["max_dial_attempts"],
        "concurrent_active_calls": campaign["concurrent_active_calls"],
        "days_active": active_days,
        "start_time": hour_of(first["start_time"]), "end_time": hour_of(first["end_time"]),
        "start_date": campaign["start_date"], "end_date": campaign["end_date"], "timezone": campaign["timezone"],
        "schedule": campaign["schedule"], "time_limit": campaign["time_limit"],
        "record_calls": campaign["record_calls"],
        "statistics": statistics(book, campaign),
        "started_at": campaign["started_at"], "completed_at": campaign["completed_at"],
        "created_at": campaign["created_at"], "updated_at": campaign["updated_at"],
        "cloudonix_api_key": campaign.get("cloudonix_api_key"), "cloudonix_domain": campaign.get("cloudonix_domain"),
        "cloudonix_api_url": campaign.get("cloudonix_api_url"),
    }
    shown.update(newest_part(campaign) if switches["version"] == "newest" else old_part(campaign))
    return shown


def newest_part(campaign):
    rate = campaign["calls_per_second"]
    pool = campaign["caller_id_pool"]
    return {
        "calls_per_second": rate, "max_cac": 50, "max_cps": 30, "api_interval_ms": 1000.0 / rate,
        "action_voicemail": campaign["action_voicemail"], "action_human": campaign["action_human"],
        "action_unknown": campaign["action_unknown"], "retry_on_voicemail": campaign["retry_on_voicemail"],
        "caller_id_pool_enabled": campaign["caller_id_pool_enabled"],
        "caller_id_strategy": campaign["caller_id_strategy"],
        "caller_id_strategy_label": STRATEGY_LABELS[campaign["caller_id_strategy"]],
        "caller_id_pool": pool, "is_runnable": True, "has_list": campaign["has_list"], "lists_count": 1,
    }


def old_part(campaign):
    """A test in a hurry gives an interval of its own."""
    interval = campaign.get("api_interval_seconds") or 60 / campaign["concurrent_active_calls"]
    return {
        "amd_enabled": campaign["amd_enabled"], "amd_mode": campaign["amd_mode"], "amd_timeout": 30,
        "amd_speech_threshold": 1500, "amd_speech_end_threshold": 2500, "amd_silence_timeout": 3500,
        "valid_cac_values": OLD_CAC_VALUES, "api_interval_seconds": interval,
    }


def destination_json(switches, row):
    shown = {
        "id": identity(row["id"], switches), "phone_number": row["phone_number"],
        "status": row["status"], "status_label": row["status"].capitalize(),
        "dial_attempts": row["dial_attempts"], "last_dialed_at": row["last_dialed_at"],
        "last_disposition": row["last_disposition"], "duration": row["duration"], "billsec": row["billsec"],
        "total_duration": row["total_duration"], "last_error": row["last_error"],
        "is_invalid": row["status"] == "invalid", "created_at": row["created_at"], "updated_at": row["updated_at"],
    }
    if switches["version"] == "newest":
        metadata = json.loads(row["metadata"]) if row["metadata"] else None
        shown.update(
            name=row["name"], batch_identifier=row["batch_identifier"], metadata=metadata, priority=row["priority"]
        )
    else:
        shown["description"] = row["name"]
    return shown


def is_runnable(campaign, switches, now=None):
    """Active, within its dates, and within a range of today: compared as text, both ends included.

    The stored code takes the application's zone and loses the last day, which ends for it at its first instant.
    """
    if campaign["status"] != "active" or campaign["hidden"] or not campaign["has_list"]:
        return False
    now = now or datetime.datetime.now(datetime.timezone.utc)
    in_app_zone = switches["schedule_in_app_zone"]
    if not in_app_zone:
        now = now.astimezone(zoneinfo.ZoneInfo(campaign["timezone"]))
    today = str(now.date())
    if not campaign["start_date"] <= today <= campaign["end_date"] or in_app_zone and today == campaign["end_date"]:
        return False
    clock = now.strftime("%H:%M")
    return any(
        entry["start_time"] <= clock <= (entry["end_time"] if entry["end_time"] != "24:00" else "23:59")
        for entry in enabled_ranges(campaign, DAYS[now.weekday()])
    )
