"""Every command with its place and its one-line help. A command's module is imported when the command runs."""

from collections.abc import Mapping
from typing import NamedTuple


class Row(NamedTuple):
    """One command: where it is written ("module:function" below this package), and its line in a list of commands."""

    where: str
    help: str


class Branch(NamedTuple):
    """A group of commands."""

    help: str
    rows: "Mapping[str, Row | Branch]"


_DOCTOR = Row("doctor:doctor", "Say what is missing, unsafe or unreachable, and what mends it.")
_CONFIG = Branch(
    "The configuration in effect.", {"show": Row("config:show", "Every setting, its value and where it came from.")}
)

_PROVIDERS = Branch(
    "How we sign in to clouds.",
    {
        "list": Row("providers:list_providers", "The configured providers."),
        "add": Row("providers:add", "Add a credential and the accounts it opens, in observe mode."),
        "remove": Row("providers:remove", "Forget credentials of a provider; nothing is deleted in the cloud."),
        "status": Row("providers:status", "What is known of each provider: signed in, reachable, how fresh."),
    },
)

_RESOURCES = Branch(
    "What runs where.",
    {
        "list": Row("resources:list_resources", "Resources across all providers."),
        "show": Row("resources:show", "Everything known of one resource."),
        "refresh": Row("resources:refresh", "Read accounts again."),
        "create": Row("create:create", "Plan, approve and create a resource."),
        "update": Row("changes:update", "Change settings of a resource."),
        "delete": Row("changes:delete", "Delete a resource."),
        "start": Row("changes:start", "Start a resource."),
        "stop": Row("changes:stop", "Stop a resource."),
        "reboot": Row("changes:reboot", "Reboot a resource."),
        "resize": Row("changes:resize", "Change the size of a resource."),
        "tag": Row("changes:tag", "Set and remove tags."),
        "migrate": Row("later:migrate", "Move a resource to another provider."),
    },
)

_OPERATIONS = Branch(
    "Changes: planned, running, ended.",
    {
        "list": Row("operations:list_operations", "Operations, newest first."),
        "show": Row("operations:show", "One operation: plan, progress, outcome."),
        "approve": Row("operations:approve", "Let a planned operation run."),
        "cancel": Row("operations:cancel", "Call off an operation that has not begun."),
        "undo": Row("operations:undo", "Plan the way back of an operation that succeeded."),
        "look-again": Row("operations:look_again", "Send an operation that needed a person back to the look-up."),
        "follow": Row("operations:follow", "Watch an operation to its end; carry it out where no worker is alive."),
    },
)

MULTICLOUD: Mapping[str, Row | Branch] = {
    "providers": _PROVIDERS,
    "resources": _RESOURCES,
    "operations": _OPERATIONS,
    "accounts": Branch(
        "The clouds' accounts, and what may be changed in them.",
        {
            "list": Row("accounts:list_accounts", "Accounts, their mode and their regions."),
            "set-mode": Row("accounts:set_mode", "Switch an account to observe or manage."),
        },
    ),
    "audit": Branch(
        "Who did what, when.",
        {
            "list": Row("audit:list_records", "Audit records, newest first."),
            "verify": Row("audit:verify", "Check that no record was changed, dropped or swapped."),
        },
    ),
    "costs": Branch("What things cost.", {"compare": Row("later:compare", "Compare prices across providers.")}),
    "optimize": Branch(
        "Better for less.",
        {
            "recommendations": Row("later:recommendations", "What could be saved."),
            "apply": Row("later:apply", "Apply recommendations."),
            "strategy": Row("later:strategy", "Set what a choice of provider weighs most."),
        },
    ),
    "config": _CONFIG,
    "doctor": _DOCTOR,
}

COMMANDS: Mapping[str, Row | Branch] = {
    "multicloud": Branch("Clouds: providers, resources, operations, accounts, audit.", MULTICLOUD),
    "serve": Row("serve:serve", "Run web, worker, scheduler and sandbox until Ctrl-C."),
    "setup": Row("serve:setup", "Prepare the home: database, vault key, first admin."),
    "doctor": _DOCTOR,
    "config": _CONFIG,
    "users": Branch(
        "People who may sign in.",
        {
            "list": Row("users:list_users", "Users and their roles."),
            "add": Row("users:add", "Add a user with a one-time password."),
            "reset": Row("users:reset", "Give a user a new one-time password."),
        },
    ),
    "vault": Branch(
        "The key that wraps every stored secret.",
        {
            "status": Row("vault:status", "Which key is in use, and what it wraps."),
            "rotate": Row("vault:rotate", "Wrap every secret with a new key; resumable."),
        },
    ),
    "backup": Row("backup:backup", "Copy the home, consistently, into one file."),
    "restore": Row("backup:restore", "Put a backup into an empty home."),
    "sandbox": Branch(
        "The simulated clouds of this machine.",
        {
            "status": Row("sandbox:status", "Whether it answers, how fast its time runs, which faults are on."),
            "fault": Row("sandbox:fault", "Make it fail, in a way that can be repeated."),
            "speed": Row("sandbox:speed", "How fast its time runs."),
            "advance": Row("sandbox:advance", "Let time pass in it at once."),
            "reset": Row("sandbox:reset", "Back to the demonstration estate."),
            "ledger": Row("sandbox:ledger", "The changing calls it accepted."),
        },
    ),
    "demo": Branch(
        "The demonstration.", {"reset": Row("sandbox:demo_reset", "Reset the demonstration estate and read it again.")}
    ),
}
