"""The three benches: the same agent in front of a simulated plant on virtual time, on real sockets, or with hardware."""
