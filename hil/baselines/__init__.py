"""Control as it was before a retrofit, and plain forms of what projects report: what the product's policies are measured against."""
