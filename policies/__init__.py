"""Control policies: frozen parameters, a pure `decide`, saved state. One policy a file, grouped by domain."""
