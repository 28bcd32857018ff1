grpc.insecure_channel('localhost:50051')
