trail_name = "seoul-audit"
