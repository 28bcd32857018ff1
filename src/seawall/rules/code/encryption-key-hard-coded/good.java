class App {
    void run() throws Exception {
        new SecretKeySpec(key, "AES");
    }
}
