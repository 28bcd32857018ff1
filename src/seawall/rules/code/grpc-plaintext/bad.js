new Client(addr, grpc.credentials.createInsecure())
