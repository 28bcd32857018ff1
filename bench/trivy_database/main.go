// Writes a database as Trivy reads it (bbolt: platform, package, flaw), from lines of JSON on standard input.
//
//	go run . CACHE < advisories.jsonl    {"platform": "debian 12", "package": "curl", "id": "CVE-2024-1", "fixed": "7.88.1-10"}
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
)

type advisory struct{ Platform, Package, ID, Fixed string }

func main() {
	folder := filepath.Join(os.Args[1], "db")
	check(os.MkdirAll(folder, 0o755))
	metadata, err := json.Marshal(map[string]any{
		"Version": 2, "UpdatedAt": time.Now(), "NextUpdate": time.Now().AddDate(1, 0, 0), "DownloadedAt": time.Now(),
	})
	check(err)
	check(os.WriteFile(filepath.Join(folder, "metadata.json"), metadata, 0o644))
	db, err := bbolt.Open(filepath.Join(folder, "trivy.db"), 0o644, nil)
	check(err)
	lines := bufio.NewScanner(os.Stdin)
	check(db.Update(func(tx *bbolt.Tx) error {
		sources, err := tx.CreateBucketIfNotExists([]byte("data-source"))
		check(err)
		details, err := tx.CreateBucketIfNotExists([]byte("vulnerability"))
		check(err)
		for lines.Scan() {
			var found advisory
			check(json.Unmarshal(lines.Bytes(), &found))
			check(sources.Put([]byte(found.Platform), []byte(`{"ID": "debian", "Name": "made for a comparison"}`)))
			check(details.Put([]byte(found.ID), []byte(`{"Title": "made"}`)))
			platform, err := tx.CreateBucketIfNotExists([]byte(found.Platform))
			check(err)
			name, err := platform.CreateBucketIfNotExists([]byte(found.Package))
			check(err)
			value, err := json.Marshal(map[string]string{"FixedVersion": found.Fixed})
			check(err)
			check(name.Put([]byte(found.ID), value))
		}
		return lines.Err()
	}))
	check(db.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
