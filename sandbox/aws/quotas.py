"""Service Quotas: the limits that the other services hold to."""

from typing import Any

from sandbox.aws.calls import Call, handles
from sandbox.aws.catalog import QUOTAS
from sandbox.aws.errors import Refused


def described(call: Call, name: str) -> dict[str, Any]:
    quota = QUOTAS[name]
    region = call.region if quota.regional else "us-east-1"
    return {
        "ServiceCode": quota.service,
        "ServiceName": quota.service.upper(),
        "QuotaArn": f"arn:aws:servicequotas:{region}:{call.account}:{quota.service}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": call.quota(name),
        "Unit": quota.unit,
        "Adjustable": True,
        "GlobalQuota": not quota.regional,
    }


@handles("servicequotas", "GetServiceQuota")
def get_service_quota(call: Call) -> dict[str, Any]:
    for name, quota in QUOTAS.items():
        if (quota.service, quota.code) == (call.params["ServiceCode"], call.params["QuotaCode"]):
            return {"Quota": described(call, name)}
    raise Refused("NoSuchResourceException", "The request failed because the specified quota does not exist.")


@handles("servicequotas", "ListServiceQuotas")
def list_service_quotas(call: Call) -> dict[str, Any]:
    found = [described(call, name) for name, quota in QUOTAS.items() if quota.service == call.params["ServiceCode"]]
    if not found:
        raise Refused("NoSuchResourceException", "The request failed because the specified service does not exist.")
    page, token = call.page(found, most=100)
    return {"Quotas": page, "NextToken": token}
