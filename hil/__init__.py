"""A plant room you can carry: physics, protocol faces made from the device profiles, faults, and the demonstration."""
