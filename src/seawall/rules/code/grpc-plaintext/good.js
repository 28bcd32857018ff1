new Client(addr, grpc.credentials.createSsl())
