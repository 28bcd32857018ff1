package app

import "crypto/md5"
func run() {
	md5.Sum(b)
}
