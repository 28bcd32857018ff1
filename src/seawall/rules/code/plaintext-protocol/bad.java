class App {
    void run() throws Exception {
        FTPClient c = new FTPClient();
    }
}
