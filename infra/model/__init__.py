"""Pure values of the platform: no Pulumi, no I/O."""
