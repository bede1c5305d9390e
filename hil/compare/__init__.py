"""Arms of a ready site run over the same days, weather, load and seed, and set side by side."""
