"""Pages that add, replace and remove credentials, and that switch accounts. Only a worker asks the cloud."""

import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access import rights
from pages.answers import redirect_after, render_page
from providers import credential_actions as actions
from providers import queries, questions
from providers.credential_forms import method_of
from providers.drivers.clouds import cloud, clouds
from providers.machine_sign_in import as_offered, offered
from providers.models import Credential
from providers.sign_in_form import SignInForm
from vocabulary.errors import CloudError, NotAllowed

PATIENCE_SECONDS = 120


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Connect an account: a form made from its cloud's ways to sign in."""
    asked = request.POST if request.method == "POST" else request.GET
    tables = cloud(asked.get("provider") or clouds()[0].provider)
    method = as_offered(method_of(tables, asked.get("method") or tables.methods[0].name))
    form = SignInForm(tables, method, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"tables": tables, "methods": offered(tables), "method": method, "form": form}
    context["clouds"] = clouds()
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.add_credential(request.user, _team(request), **_given(tables, method, form))
            messages.success(request, f"{row} is stored. A worker signs in with it now.")
            return redirect_after(request, reverse("credential", args=[row.pk]))
        except CloudError as error:
            context["error"] = error
    status = context["error"].status if "error" in context else 422 if request.method == "POST" else 200
    return render_page(request, "providers/add.html", "providers/_sign_in.html", context, status)


@require_safe
def credential(request: HttpRequest, credential_id: int) -> HttpResponse:
    """What the check of a credential found. The fragment asks again until a worker has looked; `since` is when somebody
    asked for one, in seconds since 1970.
    """
    row = queries.credential_for(request.user, credential_id)
    context = {
        "credential": row,
        "accounts": list(row.accounts.all()),
        "is_waiting": _is_awaited(row, request.GET.get("since", "")),
        "may_change": rights.may(request.user, "add credential", row.team),
        "may_check": rights.may(request.user, "read account", row.team),
    }
    return render_page(request, "providers/credential.html", "providers/_credential.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def replace_secret(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Put new keys in place of the old ones."""
    row = queries.credential_for(request.user, credential_id)
    tables = cloud(row.provider)
    data = request.POST if request.method == "POST" else None
    form = SignInForm(tables, as_offered(method_of(tables, row.method)), data, only_fields=True, shown=row.fields)
    context: dict[str, Any] = {"credential": row, "form": form, "tables": tables}
    if data is not None and form.is_valid():
        try:
            actions.replace_secret(request.user, row.pk, form.given())
            messages.success(request, f"The keys of {row} are replaced. What waited for them goes on by itself.")
            return redirect_after(request, reverse("credential", args=[row.pk]))
        except CloudError as error:
            context["error"] = error
    status = context["error"].status if "error" in context else 422 if data is not None else 200
    return render_page(request, "providers/replace.html", "providers/_replace.html", context, status)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Forget a credential, after it was said what else would go."""
    row = queries.credential_for(request.user, credential_id)
    if request.method != "POST":
        would = actions.what_would_be_forgotten(request.user, row.pk)
        context = {"credential": row, "would": would, "counts": questions.counted(would)}
        return render_page(request, "providers/remove.html", "providers/_remove.html", context)
    actions.remove_credential(request.user, row.pk, forget_account=request.POST.get("forget") == "yes")
    messages.success(request, f"{row} is removed. Nothing was deleted at the cloud.")
    return redirect_after(request, reverse("accounts"))


@require_POST
def check(request: HttpRequest, credential_id: int) -> HttpResponse:
    """Have a worker sign in once more."""
    row = actions.check(request.user, credential_id)
    messages.success(request, f"A worker signs in with {row} now.")
    own_page = f"{reverse('credential', args=[row.pk])}?since={int(time.time())}"
    return redirect_after(request, request.POST.get("back") or own_page, own_page)


@require_http_methods(["GET", "HEAD", "POST"])
def mode(request: HttpRequest, account_id: int) -> HttpResponse:
    """Let changes out for an account, or only looks. The deliberate act of an admin."""
    account = queries.account_for(request.user, account_id)
    if request.method != "POST":
        return render_page(request, "confirm.html", "_confirm.html", {"confirm": questions.mode_of(account)})
    account = actions.set_mode(request.user, account.pk, request.POST.get("mode", ""))
    messages.success(request, f"{account} is now in {account.mode} mode.")
    return redirect_after(request, reverse("account", args=[account.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: HttpRequest, account_id: int) -> HttpResponse:
    """Let calls out for an account, or stop them all."""
    account = queries.account_for(request.user, account_id)
    if request.method != "POST":
        return render_page(request, "confirm.html", "_confirm.html", {"confirm": questions.switch_of(account)})
    account = actions.set_enabled(request.user, account.pk, request.POST.get("enabled") == "yes")
    messages.success(request, f"{account} is switched {'on' if account.enabled else 'off'}.")
    return redirect_after(request, reverse("account", args=[account.pk]))


@require_POST
def examine(request: HttpRequest, account_id: int) -> HttpResponse:
    """Have a worker find out what the account's sign-in may do."""
    account = actions.examine(request.user, account_id)
    messages.success(request, f"A worker examines the sign-in of {account} now.")
    return redirect_after(request, f"{reverse('account', args=[account.pk])}?examined_since={int(time.time())}")


def _is_awaited(row: Credential, since: str) -> bool:
    """Whether a check is still to come. Nobody waits longer than two minutes for one that was asked for."""
    if row.checked_at is None:
        return True
    asked = int(since) if since.isascii() and since.isdigit() and len(since) <= 12 else 0
    return row.checked_at.timestamp() < asked and 0 <= time.time() - asked < PATIENCE_SECONDS


def _team(request: HttpRequest) -> Any:
    team = rights.teams_of(request.user).order_by("pk").first()
    if team is None:
        raise NotAllowed("Multicloud", "add credential", "you are in no team", "An admin can add you to one.")
    return team


def _given(tables: Any, method: Any, form: SignInForm) -> dict[str, Any]:
    said = form.cleaned_data
    return {
        "provider": tables.provider,
        "method": method.name,
        "fields": form.given(),
        "name": said["name"],
        "region": said["region"],
        "endpoint": said["endpoint"],
    }
