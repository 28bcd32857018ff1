// Prints the JSON form of Kubernetes' own kinds: a line "kind <apiVersion> <kind> <type>" for each kind, and a line
// "type <group> <name> <field>=<kind>…" for each type below it. tests/testbed/type_tables.py makes Seawall's tables of it.
package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

var names = map[reflect.Type]string{}
var used = map[string]reflect.Type{}
var queue []reflect.Type
var status = map[reflect.Type]bool{}
var shallow bool
var roots = map[reflect.Type]bool{}

func name(t reflect.Type) string {
	if n, ok := names[t]; ok {
		return n
	}
	n := t.Name()
	if _, taken := used[n]; taken {
		parts := strings.Split(t.PkgPath(), "/")
		n = parts[len(parts)-2] + n
	}
	used[n] = t
	names[t] = n
	queue = append(queue, t)
	return n
}

var special = map[string]string{
	"k8s.io/apimachinery/pkg/api/resource.Quantity":                                         "quantity",
	"k8s.io/apimachinery/pkg/apis/meta/v1.Time":                                             "time",
	"k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime":                                        "time",
	"k8s.io/apimachinery/pkg/apis/meta/v1.Duration":                                         "string",
	"k8s.io/apimachinery/pkg/util/intstr.IntOrString":                                       "intstr",
	"k8s.io/apimachinery/pkg/runtime.RawExtension":                                          "any",
	"k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1":                                         "any",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON":                         "any",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrArray":       "any",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrBool":        "any",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrStringArray": "any",
	"k8s.io/apimachinery/pkg/types.UID":                                                     "string",
}

func kind(t reflect.Type) string {
	if s, ok := special[t.PkgPath()+"."+t.Name()]; ok {
		return s
	}
	switch t.Kind() {
	case reflect.Ptr:
		if shallow && t.Elem().Kind() == reflect.Struct {
			return "*any"
		}
		return "*" + kind(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		if shallow {
			return "[any]"
		}
		return "[" + kind(t.Elem()) + "]"
	case reflect.Map:
		return "{" + kind(t.Elem()) + "}"
	case reflect.Struct:
		n := name(t)
		if shallow {
			status[t] = true
		}
		return n
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Float32, reflect.Float64:
		return "float"
	case reflect.Interface:
		return "any"
	default:
		return "int"
	}
}

func fields(t reflect.Type) []string {
	var out []string
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		parts := strings.Split(tag, ",")
		if parts[0] == "-" {
			continue
		}
		inline := f.Anonymous && parts[0] == ""
		for _, p := range parts[1:] {
			if p == "inline" {
				inline = true
			}
		}
		if inline {
			ft := f.Type
			if ft.Kind() == reflect.Ptr {
				ft = ft.Elem()
			}
			out = append(out, fields(ft)...)
			continue
		}
		if parts[0] == "" || !f.IsExported() {
			continue
		}
		omit := ""
		keep := true
		for _, p := range parts[1:] {
			if p == "omitempty" {
				keep = false
			}
			if p == "omitzero" {
				omit = "?"
			}
		}
		if keep && omit == "" {
			omit = "!"
		}
		// omitempty does nothing for a struct; omitzero leaves out an empty one.
		if parts[0] == "status" && roots[t] {
			shallow = true
		}
		out = append(out, parts[0]+"="+kind(f.Type)+omit)
		if parts[0] == "status" && roots[t] {
			shallow = false
		}
	}
	return out
}

func main() {
	apiextensions.AddToScheme(scheme.Scheme)
	served := strings.Fields(`v1 apiregistration.k8s.io/v1 apps/v1 events.k8s.io/v1 autoscaling/v2 autoscaling/v1 batch/v1 certificates.k8s.io/v1 networking.k8s.io/v1 policy/v1 rbac.authorization.k8s.io/v1 storage.k8s.io/v1 admissionregistration.k8s.io/v1 apiextensions.k8s.io/v1 scheduling.k8s.io/v1 coordination.k8s.io/v1 node.k8s.io/v1 discovery.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1`)
	var rootLines []string
	for _, gv := range served {
		g, err := schema.ParseGroupVersion(gv)
		if err != nil {
			panic(err)
		}
		types := scheme.Scheme.KnownTypes(g)
		var kinds []string
		for k := range types {
			kinds = append(kinds, k)
		}
		sort.Strings(kinds)
		for _, k := range kinds {
			t := types[k]
			if strings.HasSuffix(k, "List") || strings.HasSuffix(k, "Options") || k == "WatchEvent" || k == "Status" || strings.HasPrefix(k, "API") || strings.HasSuffix(k, "Review") || k == "SerializedReference" || k == "RangeAllocation" || k == "PodStatusResult" || k == "Scale" {
				continue
			}
			roots[t] = true
			rootLines = append(rootLines, gv+" "+k+" "+name(t))
		}
	}
	sort.Strings(rootLines)
	for _, r := range rootLines {
		fmt.Println("kind " + r)
	}
	var lines []string
	for len(queue) > 0 {
		t := queue[0]
		queue = queue[1:]
		shallow = status[t]
		line := name(t) + " " + strings.Join(fields(t), " ")
		shallow = false
		pk := strings.Split(t.PkgPath(), "/")
		lines = append(lines, "type "+pk[len(pk)-2]+" "+line)
	}
	sort.Strings(lines)
	for _, l := range lines {
		fmt.Println(l)
	}
}
