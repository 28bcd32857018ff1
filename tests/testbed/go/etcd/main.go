// Command etcd is etcd's own server: its module has no main package that `go install` could build, because of replace directives.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
