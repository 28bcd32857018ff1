class App {
    void run() throws Exception {
        new SecretKeySpec("0123456789abcdef".getBytes(), "AES");
    }
}
