"""GitHub on 127.0.0.1: settings, protection, teams and the like, by REST and GraphQL. No git."""
