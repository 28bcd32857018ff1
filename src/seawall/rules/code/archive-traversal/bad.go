package app

import "archive/zip"
func run() {
	p := filepath.Join(dest, f.Name)
}
