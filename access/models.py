"""Teams, who belongs to them, and the audit records. Knows neither accounts nor resources."""

from django.conf import settings
from django.db import models


class Team(models.Model):
    """Who owns accounts. Everything a person sees, they see because a team of theirs owns it."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=128)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do: look; change what runs; change who and how."""

    VIEWER = "viewer", "Viewer"
    OPERATOR = "operator", "Operator"
    ADMIN = "admin", "Admin"


class Membership(models.Model):
    """One person in one team."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.VIEWER)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="one_membership_per_team")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} as {self.role}"


class AuditRecord(models.Model):
    """One line of the audit. Append-only: the database refuses to change or delete it. Chained per account."""

    at = models.DateTimeField()
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")
    account = models.CharField(max_length=200)
    sequence = models.PositiveBigIntegerField()
    actor = models.CharField(max_length=200)
    action = models.CharField(max_length=200)
    subject = models.CharField(max_length=1100, blank=True)
    moment = models.CharField(max_length=8)
    outcome = models.CharField(max_length=200, blank=True)
    operation = models.CharField(max_length=64, blank=True, db_index=True)
    token = models.CharField(max_length=80, blank=True)
    call = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "sequence"], name="audit_chain_has_no_forks")]
        indexes = [models.Index(fields=["team", "-at"], name="audit_by_team")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.action} {self.subject} {self.outcome}"


class MustChoosePassword(models.Model):
    """Somebody whose password was generated, and who has not chosen one of their own yet."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.user} must choose a password"
