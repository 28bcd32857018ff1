class App {
    void run() throws Exception {
        ManagedChannelBuilder.forAddress(h, p).usePlaintext().build();
    }
}
