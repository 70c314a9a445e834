"""What a person may see of accounts, credentials and operations. Every query takes the viewer."""

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from access.rights import teams_of
from providers.health import FAILURES_TO_OPEN
from providers.models import Account, Credential, DoctorReport, OperationRow, ServiceHealth
from vocabulary.errors import NotFound


def accounts_for(viewer: Any) -> QuerySet[Account]:
    """The accounts of the viewer's teams."""
    return Account.objects.filter(team__in=teams_of(viewer)).select_related("team")


def account_for(viewer: Any, account_id: int) -> Account:
    """One account. Raises NotFound, also for another team's."""
    account = accounts_for(viewer).filter(pk=account_id).first()
    if account is None:
        raise NotFound("Multicloud", "account", f"there is no account {account_id}")
    return account


def credentials_for(viewer: Any) -> QuerySet[Credential]:
    """The credentials of the viewer's teams. Their secrets are not among the columns."""
    return Credential.objects.filter(team__in=teams_of(viewer)).prefetch_related("accounts")


def credential_for(viewer: Any, credential_id: int) -> Credential:
    """One credential. Raises NotFound, also for another team's."""
    row = credentials_for(viewer).filter(pk=credential_id).select_related("team").first()
    if row is None:
        raise NotFound("Multicloud", "credential", f"there is no credential {credential_id}")
    return row


def troubles_for(viewer: Any) -> QuerySet[ServiceHealth]:
    """The services of the viewer's accounts that are down (`failing_since` says since when) or hold calls back."""
    held = Q(open_until__gt=Now()) | Q(failures__gte=FAILURES_TO_OPEN)
    return ServiceHealth.objects.filter(held, account__team__in=teams_of(viewer)).select_related("account")


def doctor_reports_for(viewer: Any) -> QuerySet[DoctorReport]:
    """What the last examination of each of the viewer's accounts found."""
    return DoctorReport.objects.filter(account__team__in=teams_of(viewer)).select_related("account")


def operations_for(viewer: Any) -> QuerySet[OperationRow]:
    """The operations on the viewer's accounts, newest first."""
    return (
        OperationRow.objects.filter(account__team__in=teams_of(viewer))
        .select_related("account__team")
        .order_by("-created_at", "-pk")
    )


def operation_for(viewer: Any, operation_id: str) -> OperationRow:
    """One operation. Raises NotFound, also for another team's."""
    row = operations_for(viewer).filter(pk=operation_id).first()
    if row is None:
        raise NotFound("Multicloud", "operation", f"there is no operation {operation_id}")
    return row
