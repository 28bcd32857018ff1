package main

import "k8s.io/apimachinery/pkg/runtime/schema"

// target is the resource of authorizer.requestResource.
type target struct{}

func (target) GetName() string      { return "web" }
func (target) GetNamespace() string { return "shop" }
func (target) GetResource() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}
}
func (target) GetSubresource() string { return "scale" }
