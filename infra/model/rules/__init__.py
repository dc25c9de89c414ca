"""What every deployment and every account is held to: pure rules over plain facts.

The policy pack runs them over what the engine is about to do, the audit over facts, plans, states
and live accounts. Each of these is read into the same items, so a rule is written once.
"""
