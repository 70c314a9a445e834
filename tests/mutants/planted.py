"""The planted bugs: where, what is searched for, what stands there instead, and which tests must notice."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One bug. `search` must occur exactly once in the file."""

    name: str
    file: str
    search: str
    instead: str
    caught_by: str


KILLED = "tests/faults/test_killed.py"
ANY_POINT = f"{KILLED}::test_a_worker_killed_at_any_point_of_a_creation_leaves_one_machine"
ENGINE = "providers/operations.py"

MUTANTS = (
    Mutant(
        "an unknown outcome is sent again without a look-up",
        ENGINE,
        "                return self._resolve(operation, driver)\n",
        "                return self._send(operation, driver)\n",
        f"{KILLED}::test_a_worker_killed_after_the_cloud_did_it_and_before_it_answered",
    ),
    Mutant(
        "a call is recorded as carried out before it goes out",
        ENGINE,
        "state=OperationState.RUNNING, phase=INTENDED, intended_at=now, phase_at=now)",
        "state=OperationState.RUNNING, phase=ANSWERED, intended_at=now, phase_at=now)",
        f"{ANY_POINT}[intended]",
    ),
    Mutant(
        "the audit is written after the call only",
        ENGINE,
        "intended = self.journal.save(intended, audit, event=step.title)",
        "intended = self.journal.save(intended, None, event=step.title)",
        f"{ANY_POINT}[claimed]",
    ),
    Mutant(
        "the fence is not checked before the call",
        ENGINE,
        "        self.journal.hold(intended, LEASE_SECONDS)\n",
        "",
        "tests/faults/test_workers.py::test_a_worker_that_slept_past_its_lease_makes_no_call",
    ),
    Mutant(
        "the hash of the plan is not compared at the approval",
        ENGINE,
        "if plan_hash != operation.plan_hash or operation.plan.hash != operation.plan_hash:",
        "if False:",
        "tests/pages/test_operations.py tests/journals/test_engine.py",
    ),
    Mutant(
        "the result is not verified",
        ENGINE,
        "        progress = verified(operation, driver, self.journal.now())\n",
        "        progress = type(verified(operation, driver, self.journal.now()))(True)\n",
        "tests/faults/test_the_clouds_own_ways.py::"
        "test_a_creation_that_was_accepted_and_fails_later_says_so_and_names_what_remains",
    ),
    Mutant(
        "observe mode is ignored by the worker",
        "providers/work.py",
        "if account.mode != Account.Mode.MANAGE:",
        "if False:",
        "tests/inputs/test_queue_messages.py::test_a_right_that_was_lost_after_the_approval_stops_the_worker[mode]",
    ),
    Mutant(
        "leases are judged by the worker's clock",
        "providers/db_journal.py",
        'Q(**{f"{name}__lte": Now()})',
        'Q(**{f"{name}__lte": datetime.now(UTC)})',
        "tests/faults/test_clocks.py::test_a_worker_with_a_wrong_clock_takes_nothing_from_another",
    ),
    Mutant(
        "the idempotency token is not passed",
        "providers/drivers/aws/compute.py",
        '                    "ClientToken": "{token}",\n',
        "",
        "tests/faults/test_the_clouds_own_ways.py::"
        "test_a_machine_that_the_cloud_does_not_show_yet_is_not_made_again[4000]",
    ),
    Mutant(
        "the SDK repeats calls by itself",
        "providers/drivers/engines/boto.py",
        'retries={"total_max_attempts": 1, "mode": "standard"}',
        'retries={"total_max_attempts": 4, "mode": "standard"}',
        "tests/faults/test_bad_answers.py::TestThrottling",
    ),
    Mutant(
        "a secret of a plan stands in the plan",
        "providers/drivers/planning.py",
        'values[name] = {"$secret": hide(name, str(values[name]))}',
        "hide(name, str(values[name]))",
        "tests/providers/test_canaries.py",
    ),
    Mutant(
        "a query without its viewer",
        "resources/queries.py",
        "Resource.objects.filter(account__team__in=teams_of(viewer)).select_related",
        "Resource.objects.all().select_related",
        "tests/pages/test_every_page.py",
    ),
    Mutant(
        "a listing that broke off makes the rest gone",
        "resources/sync.py",
        "        except CloudError as error:\n            self._refused(progress, error)\n            return False\n",
        "        except CloudError as error:\n"
        "            lost = store.missing(progress.place, progress.seen, GRACE * self.driver.tempo, set())\n"
        "            store.mark_gone(self._sighting(progress, progress.asked_at), lost)\n"
        "            self._refused(progress, error)\n            return False\n",
        "tests/faults/test_listings.py::test_a_listing_that_goes_wrong_makes_nothing_gone",
    ),
    Mutant(
        "what is missing is gone without a second look",
        "resources/sync.py",
        "            missing = self._missing_still(progress, missing)\n",
        "            missing = list(missing)\n",
        "tests/faults/test_listings.py::test_an_item_that_moves_between_two_pages_is_not_gone",
    ),
    Mutant(
        "the guard of endpoints lets metadata services through",
        "vocabulary/endpoints.py",
        "    if any(inner in network for network in METADATA):\n",
        "    if False:\n",
        "tests/vocabulary/test_endpoints.py",
    ),
    Mutant(
        "the chain of the audit is not a chain",
        "access/audit.py",
        "                previous=previous,\n",
        "                previous=FIRST,\n",
        f"{ANY_POINT}[claimed]",
    ),
)
