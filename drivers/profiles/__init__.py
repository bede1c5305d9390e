"""The device library: one YAML file a device. The format is in README.md, its schema in schema.json."""
