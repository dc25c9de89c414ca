package bridge

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// object is a JSON object of the Pulumi package schema.
// https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
type object map[string]any

// moduleFormat takes the module `index` out of a token's `index/warehouse`.
const moduleFormat = "(.*)(?:/[^/]*)"

// walker collects the named object types of nested blocks while it walks the resources.
type walker struct {
	pkg   string
	types object
}

func packageSchema(info tfbridge.ProviderInfo) object {
	w := walker{pkg: info.Name, types: object{}}
	resources := object{}
	info.P.ResourcesMap().Range(func(name string, resource shim.Resource) bool {
		known, ok := info.Resources[name]
		if !ok {
			return true
		}
		title := typeName(string(known.Tok))
		all, _ := w.properties(title, resource.Schema(), known.Fields, false)
		inputs, required := w.properties(title, resource.Schema(), known.Fields, true)
		resources[string(known.Tok)] = object{
			"properties": all, "inputProperties": inputs, "requiredInputs": required,
		}
		return true
	})
	settings, _ := w.properties("Provider", info.P.Schema(), info.Config, true)
	return object{
		"name":      info.Name,
		"version":   info.Version,
		"meta":      object{"moduleFormat": moduleFormat},
		"config":    object{"variables": settings},
		"provider":  object{"inputProperties": settings},
		"resources": resources,
		"types":     w.types,
	}
}

// properties describes a block's fields: all of them, or only those that a program can set.
func (w walker) properties(
	owner string, fields shim.SchemaMap, infos map[string]*tfbridge.SchemaInfo, inputsOnly bool,
) (object, []string) {
	described, required := object{}, []string{}
	fields.Range(func(key string, field shim.Schema) bool {
		if inputsOnly && !field.Required() && !field.Optional() {
			return true
		}
		info := infos[key]
		name := tfbridge.TerraformToPulumiNameV2(key, fields, infos)
		spec := w.property(owner+strings.ToUpper(name[:1])+name[1:], field, info)
		if text := field.Deprecated(); text != "" {
			spec["deprecationMessage"] = text
		}
		if field.Sensitive() {
			spec["secret"] = true
		}
		described[name] = spec
		hasDefault := info != nil && info.Default != nil
		if field.Required() && !hasDefault {
			required = append(required, name)
		}
		return true
	})
	return described, required
}

func (w walker) property(title string, field shim.Schema, info *tfbridge.SchemaInfo) object {
	switch field.Type() {
	case shim.TypeBool:
		return object{"type": "boolean"}
	case shim.TypeInt:
		return object{"type": "integer"}
	case shim.TypeFloat:
		return object{"type": "number"}
	case shim.TypeString:
		return object{"type": "string"}
	case shim.TypeMap:
		if block, ok := field.Elem().(shim.Resource); ok {
			return w.block(title, block)
		}
		return object{"type": "object", "additionalProperties": w.element(title, field)}
	case shim.TypeList, shim.TypeSet:
		item := w.element(title, field)
		if tfbridge.IsMaxItemsOne(field, info) {
			return item
		}
		return object{"type": "array", "items": item}
	default:
		return object{"$ref": "pulumi.json#/Any"}
	}
}

// element describes what a collection holds: a nested block, a plain type, or text when unsaid.
func (w walker) element(title string, field shim.Schema) object {
	switch element := field.Elem().(type) {
	case shim.Resource:
		return w.block(title, element)
	case shim.Schema:
		return w.property(title, element, nil)
	default:
		return object{"type": "string"}
	}
}

// block names a nested block as an object type; inputs and outputs share it.
func (w walker) block(title string, block shim.Resource) object {
	token := fmt.Sprintf("%s:index/%s:%s", w.pkg, title, title)
	fields, required := w.properties(title, block.Schema(), nil, false)
	w.types[token] = object{"type": "object", "properties": fields, "required": required}
	return object{"$ref": "#/types/" + token}
}

func typeName(token string) string {
	return token[strings.LastIndex(token, ":")+1:]
}
