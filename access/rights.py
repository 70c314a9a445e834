"""Who may do what. Every action asks here first, and every query begins here."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from access.models import Membership, Role, Team
from vocabulary.errors import NotAllowed

_RANK = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.ADMIN: 2}

#: The least role for each thing a person can do.
NEEDED = {
    "see": Role.VIEWER,
    "plan": Role.OPERATOR,
    "approve": Role.OPERATOR,
    "cancel": Role.OPERATOR,
    "read account": Role.OPERATOR,
    "add credential": Role.ADMIN,
    "remove credential": Role.ADMIN,
    "change account": Role.ADMIN,
}


def teams_of(viewer: Any) -> QuerySet[Team]:
    """The teams a person belongs to; none for somebody who is signed out or switched off."""
    if viewer is None or isinstance(viewer, AnonymousUser) or not viewer.is_active:
        return Team.objects.none()
    return Team.objects.filter(memberships__user=viewer)


def may(person: Any, act: str, team: Team) -> bool:
    """Whether a person may do this for a team."""
    if person is None or isinstance(person, AnonymousUser) or not person.is_active:
        return False
    membership = Membership.objects.filter(user=person, team=team).first()
    return membership is not None and _RANK[Role(membership.role)] >= _RANK[NEEDED[act]]


def require(person: Any, act: str, team: Team) -> None:
    """Raise NotAllowed unless the person may do this for the team."""
    if not may(person, act, team):
        raise NotAllowed(
            str(team),
            act,
            f"{person} may not {act} here",
            f"An admin of {team} can give you the role {NEEDED[act].label.lower()}.",
        )
