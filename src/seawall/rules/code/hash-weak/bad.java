class App {
    void run() throws Exception {
        MessageDigest.getInstance("MD5");
    }
}
