// Command pulumi-resource-github is the GitHub provider's core as a Pulumi resource plugin.
package main

import (
	"github.com/integrations/terraform-provider-github/v6/github"

	"leap/bridge"
)

// version is set by the linker to that of the Python SDK: the engine looks a plugin up by it.
var version = "0.0.0-dev"

func main() {
	bridge.Main(bridge.Plugin{Name: "github", Version: version, Provider: github.Provider()})
}
