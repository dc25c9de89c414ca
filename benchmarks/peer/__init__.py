"""The peer: OpenTofu with the same Snowflake provider core, on the same objects.

    python -m benchmarks.peer            # 1,000 objects; builds both programs the first time

Both are built from Go modules into the user's cache (minutes; nothing of LEAP's set-up needs
them): OpenTofu by `benchmarks/peer/tofu/go.mod`, the provider as a Terraform plugin by the very
module file that LEAP's own plugin is built by. The objects are written from the facts that
LEAP's own program deploys: its roles, schemas and grants.
https://opentofu.org/docs/cli/config/config-file/#development-overrides-for-provider-developers
"""
