// Command pulumi-resource-snowflake is the Snowflake provider's core as a Pulumi resource plugin.
package main

import (
	"github.com/Snowflake-Labs/terraform-provider-snowflake/pkg/provider"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"

	"leap/bridge"
)

// version is set by the linker to that of the Python SDK: the engine looks a plugin up by it.
var version = "0.0.0-dev"

func main() {
	bridge.Main(bridge.Plugin{
		Name:     "snowflake",
		Version:  version,
		Provider: provider.Provider(),
		Config: map[string]*tfbridge.SchemaInfo{
			// The SDK keeps the setting's own name, without the plural that the bridge computes.
			"preview_features_enabled": {Name: "previewFeaturesEnabled"},
		},
	})
}
