"""The faults that must do no harm, each injected into a running product and judged by the ledger of the cloud."""
