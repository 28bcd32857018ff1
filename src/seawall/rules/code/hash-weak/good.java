class App {
    void run() throws Exception {
        MessageDigest.getInstance("SHA-256");
    }
}
