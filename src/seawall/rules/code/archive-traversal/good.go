package app

import "archive/zip"
func run() {
	if !filepath.IsLocal(f.Name) { return
}
 p := filepath.Join(dest, f.Name)
}
