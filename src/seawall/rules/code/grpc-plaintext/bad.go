package app

func run() {
	grpc.Dial(a, grpc.WithInsecure())
}
