"""What a person may see of teams and of the audit."""

from typing import Any

from django.db.models import QuerySet

from access.models import AuditRecord
from access.rights import teams_of


def audit_for(viewer: Any) -> QuerySet[AuditRecord]:
    """The audit records of the viewer's teams, newest first."""
    return AuditRecord.objects.filter(team__in=teams_of(viewer)).order_by("-at", "-pk")
