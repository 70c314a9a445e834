"""What a worker finds out about an account's sign-in, without changing anything."""


def examine(account_id: int) -> None:
    """Ask the cloud who we are and what we may do, and store the report."""
    raise NotImplementedError(account_id)
