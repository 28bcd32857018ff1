class App {
    void run() throws Exception {
        FTPSClient c = new FTPSClient();
    }
}
