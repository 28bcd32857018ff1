grpc.insecure_channel('stock:50051')
