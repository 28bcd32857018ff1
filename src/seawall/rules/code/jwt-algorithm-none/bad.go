package app

func run() {
	return jwt.UnsafeAllowNoneSignatureType, nil
}
