"""Finding a call again in CloudTrail, for verbs that leave no other trace.

Every changing call carries the operation's token in its user agent, and CloudTrail keeps the user agent. Events show up
"within an average of about 5 minutes"
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html, read 2026-11-23); we wait three
times as long before we believe that a call was never made.
"""

from providers.drivers.kind import Call, FindAgain

CLOUDTRAIL_SECONDS = 900.0


def in_the_trail(event: str) -> FindAgain:
    """Look for an event of this name whose user agent holds our token."""
    return FindAgain(
        "trail",
        Call(
            "cloudtrail.lookup_events",
            {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": event}], "StartTime": "{since}"},
            "Events[].CloudTrailEvent",
        ),
        within_seconds=CLOUDTRAIL_SECONDS,
    )
