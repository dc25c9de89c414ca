"""The audit: the policy pack's rules and those of the whole graph, over facts, plan and account."""
