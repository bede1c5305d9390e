"""Faces: what a plant looks like on the wire, made from the same device profiles the agent reads."""
