"""SIGKILL at every journal point of every changing verb of every kind, judged by the cloud's own ledger."""
