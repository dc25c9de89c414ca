"""What a change would destroy, what must be known to bring it back, and bringing it back.

Asked of the live account before the change, never of the state: the tables that dbt made are in no
state. No data is copied here; a safety clone is the account's own.
"""
