"""Samples kept and delivered: store, outbox, uplinks."""
