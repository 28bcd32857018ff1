package app

func run() {
	grpc.NewClient(a, grpc.WithTransportCredentials(c))
}
