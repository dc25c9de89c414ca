// Package bridge turns a Terraform provider of the SDK's second generation into a Pulumi resource
// plugin: the standard tokens, autonaming and a package schema walked from the provider itself, so
// that what the plugin says about its properties cannot differ from what it does.
// Deliberately absent: documentation, examples and functions (data sources) in that schema.
// https://github.com/pulumi/pulumi-terraform-bridge
package bridge

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
)

// Plugin is what differs between one bridged provider and the next.
type Plugin struct {
	Name     string                          // the package: the first part of every token
	Version  string                          // the version of the Python SDK that it answers to
	Provider *schema.Provider                // the provider's core
	Config   map[string]*tfbridge.SchemaInfo // settings whose Pulumi name is not the computed one
}

// Main serves the plugin to the engine that started it, or prints its schema for the flag -schema.
func Main(plugin Plugin) {
	info := tfbridge.ProviderInfo{
		P:       shimv2.NewProvider(plugin.Provider),
		Name:    plugin.Name,
		Version: plugin.Version,
		Config:  plugin.Config,
		// State written by the official plugin has no schema version for most resources.
		EnableZeroDefaultSchemaVersion: true,
	}
	info.MustComputeTokens(tokens.SingleModule(plugin.Name+"_", "index", tokens.MakeStandard(plugin.Name)))
	info.SetAutonaming(255, "-")

	spec, err := json.Marshal(packageSchema(info))
	if err != nil {
		fmt.Fprintln(os.Stderr, "the package schema cannot be written:", err)
		os.Exit(1)
	}
	if len(os.Args) == 2 && os.Args[1] == "-schema" {
		fmt.Println(string(spec))
		return
	}
	tfbridge.Main(plugin.Name, plugin.Version, info, spec)
}
