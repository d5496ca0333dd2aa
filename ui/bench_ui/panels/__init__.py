"""What stands around the plots: handlers, flow strip, inspector, events, messages, ledger, runs, gallery."""
